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
    expect([1, 2, 3].map((socket) => book.enter('a', socket).admitted)).toEqual([true, true, false])
    expect(book.enter('b', 4).admitted).toBe(true)
    book.leave('a', 1)
    expect(book.enter('a', 5).admitted).toBe(true)
  })

  test('where too many have not said who they are, the one who has waited longest goes, never a device', () => {
    const book = new AddressBook<string>({ maxPerAddress: 10, maxStrangers: 2 })
    book.enter('nat', 'meter')
    book.introduced('nat', 'meter')
    expect(['slow 1', 'slow 2', 'new'].map((socket) => book.enter('nat', socket).evicted)).toEqual([
      undefined,
      undefined,
      'slow 1',
    ])
    expect(book.enter('nat', 'newer').evicted).toBe('slow 2')
  })

  test('an address that holds nothing any more is forgotten', () => {
    const book = new AddressBook<number>({ maxPerAddress: 2, maxStrangers: 1 })
    book.enter('a', 1)
    const { evicted } = book.enter('a', 2)
    book.leave('a', evicted ?? 0)
    book.leave('a', 2)
    expect(book.size).toBe(0)
    expect(book.enter('a', 3)).toEqual({ admitted: true })
  })
})
