/**
 * `@peculiar/x509` finds its parts through a container that will not load unless decorators could leave metadata. It
 * registers every part by hand and reads none, so that an empty answer is all that is needed.
 */
const nothing = (): undefined => undefined
for (const name of ['getMetadata', 'getOwnMetadata', 'defineMetadata'])
  if (!Object.hasOwn(Reflect, name)) Object.defineProperty(Reflect, name, { value: nothing, configurable: true })

export {}
