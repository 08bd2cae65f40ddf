import { describe, expect, test } from 'vitest'
import { AddressBook } from './address-book.ts'

describe('connections of one address', () => {
  test('beyond the most, nobody more comes in from there, and others do', () => {
    const book = new AddressBook<number>({ maxPerAddress: 2, maxStrangers: 10 })
    expect([1, 2, 3].map((socket) => book.enter('a', socket, 0).admitted)).toEqual([true, true, false])
    expect(book.enter('b', 4, 0).admitted).toBe(true)
    book.leave('a', 1)
    expect(book.enter('a', 5, 0).admitted).toBe(true)
  })

  test('where too many have not said who they are, the one who has waited longest goes, never a device', () => {
    const book = new AddressBook<string>({ maxPerAddress: 10, maxStrangers: 2 })
    book.enter('nat', 'meter', 0)
    book.introduced('nat', 'meter')
    book.enter('nat', 'slow 1', 0)
    book.enter('nat', 'slow 2', 1)
    expect(book.enter('nat', 'new', 2000).evicted).toBe('slow 1')
    expect(book.enter('nat', 'newer', 2000).evicted).toBe('slow 2')
  })

  test('who only holds connections open does not fill the door for the devices behind the same NAT', () => {
    const book = new AddressBook<string>({ maxPerAddress: 2, maxStrangers: 2 })
    book.enter('nat', 'slow 1', 0)
    book.enter('nat', 'slow 2', 0)
    expect(book.enter('nat', 'meter', 500)).toEqual({ admitted: false })
    expect(book.enter('nat', 'meter', 1500)).toEqual({ admitted: true, evicted: 'slow 1' })
  })

  test('a herd that comes in one moment is not taken for that', () => {
    const book = new AddressBook<number>({ maxPerAddress: 100, maxStrangers: 2 })
    const herd = Array.from({ length: 100 }, (_, socket) => book.enter('nat', socket, socket))
    expect(herd).toEqual(new Array(100).fill({ admitted: true }))
  })

  test('an address that holds nothing any more is forgotten', () => {
    const book = new AddressBook<number>({ maxPerAddress: 2, maxStrangers: 1 })
    book.enter('a', 1, 0)
    const { evicted } = book.enter('a', 2, 5000)
    book.leave('a', evicted ?? 0)
    book.leave('a', 2)
    expect(book.size).toBe(0)
    expect(book.enter('a', 3, 5000)).toEqual({ admitted: true })
  })
})
