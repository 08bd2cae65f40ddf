import { describe, expect, test } from 'vitest'
import { AddressBook, subscriberOf } from './address-book.ts'

describe('whom an address stands for', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', ''],
  ])('%s is counted as %s', (address, subscriber) => expect(subscriberOf(address)).toBe(subscriber))
})

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
