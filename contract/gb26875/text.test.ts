import { expect, test } from 'vitest'
import { encodeText, readText, textField } from './text.ts'

const read = (...bytes: number[]): string => readText(Uint8Array.from(bytes))

test('the names of rooms come back, rare characters of two and four bytes and of the supplementary planes too', () => {
  for (const name of ['三楼东病房306', '镕𠀀㐂𪚥室', '한글', 'A-2 €']) expect(readText(encodeText(name, 64))).toBe(name)
  expect(encodeText('三', 2)).toEqual(Uint8Array.of(0xc8, 0xfd))
  expect(encodeText('㐂', 4)).toEqual(Uint8Array.of(0x81, 0x39, 0xef, 0x31))
})

test('a text that is too long for its field ends with a whole character', () => {
  expect(readText(textField('东城养老院三号楼三层东侧走廊尽头护士站', 31))).toBe('东城养老院三号楼三层东侧走廊尽')
})

test('a text without terminator fills its whole field', () => {
  expect(readText(new Uint8Array(31).fill(0x41))).toBe('A'.repeat(31))
})

test('a text ends at its first 00; what stands behind counts only where nothing stands before', () => {
  expect(read(0x41, 0x42, 0, 0x5a, 0x5a)).toBe('AB')
  expect(read(0, 0, 0x20, 0, 0x41, 0x42, 0)).toBe('AB')
})

test('padding, half a character and control characters are no text', () => {
  expect(read(...Array<number>(30).fill(0x20), 0)).toBe('')
  expect(read(...Array<number>(31).fill(0xff))).toBe('')
  expect(read(0x41, 0x1b, 0x0d, 0x42, 0xc8)).toBe('A B')
})
