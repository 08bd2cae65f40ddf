/** Names are what people are called: any script, but nothing that could pass for another name on screen. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@ -]{0,63}$/u

/** The same name typed on two keyboards can be two strings: this makes them one. */
export const plainName = (name: string): string => name.normalize('NFC').trim()

/** Asked of what `plainName` gave. */
export const isUserName = (name: string): boolean => NAME.test(name)

export const USER_NAME_RULE = 'use 1 to 64 letters, digits, spaces and . _ @ -, beginning with a letter or digit'
