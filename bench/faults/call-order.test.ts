import { describe, expect, test } from 'vitest'
import { checkOrder } from './call-order.ts'
import { readTrace } from './system-calls.ts'

const SOCKET = '51<socket:[4711]>'
const WAL = '38</data/journal-urgent.db-wal>'
const hex = (text: string): string =>
  Buffer.from(text, 'latin1')
    .toString('hex')
    .replace(/../g, (byte) => `\\x${byte}`)
/** A QoS 1 PUBLISH of `mark` on topic `t`. */
const publish = (id: number, mark: string): string =>
  hex(`${String.fromCharCode(0x32, 5 + mark.length)}\x00\x01t\x00${String.fromCharCode(id)}${mark}`)
const puback = (...ids: number[]): string => ids.map((id) => hex(`\x40\x02\x00${String.fromCharCode(id)}`)).join('')

const MAIN = 100
const WORKER = 109
const line = (thread: number, text: string): string => `${thread}  1795310270.743428 ${text}`
const reads = (packets: string): string => line(MAIN, `read(${SOCKET}, "${packets}", 65536) = ${packets.length / 4}`)
const acknowledges = (packets: string): string =>
  line(MAIN, `write(${SOCKET}, "${packets}", ${packets.length / 4}) = ${packets.length / 4}`)
const stores = (record: string, file = WAL): string =>
  line(WORKER, `pwrite64(${file}, "${hex(record)}", ${record.length}, 4096) = ${record.length}`)
const syncs = (result = '0', file = WAL): string => line(WORKER, `fsync(${file}) = ${result}`)

const accepted = line(MAIN, `accept4(50<socket:[4710]>, NULL, NULL, SOCK_CLOEXEC|SOCK_NONBLOCK) = ${SOCKET}`)
const judge = (...lines: string[]) =>
  checkOrder(readTrace([accepted, ...lines]), {
    isJournal: (file) => file.endsWith('-wal'),
    markOf: (payload) => payload,
  })

describe('a trace of the broker’s system calls', () => {
  test('in which the record is on disk before the PUBACK keeps the promise', () => {
    expect(judge(reads(publish(7, '<a>')), stores('..<a>..'), syncs(), acknowledges(puback(7)))).toEqual({
      published: 1,
      acknowledged: [{ journal: '/data/journal-urgent.db-wal', mark: '<a>' }],
      syncs: 1,
      violations: [],
    })
  })

  test('in which many publishes share one fsync and one write of PUBACKs keeps it for each', () => {
    const order = judge(
      reads(publish(1, '<a>') + publish(2, '<b>')),
      reads(publish(3, '<c>').slice(0, 12)),
      reads(publish(3, '<c>').slice(12)),
      stores('<a><b><c>'),
      syncs(),
      line(
        MAIN,
        `writev(${SOCKET}, [{iov_base="${puback(1)}", iov_len=4}, {iov_base="${puback(2, 3)}", iov_len=8}], 2) = 12`,
      ),
    )
    expect(order.acknowledged.map(({ mark }) => mark)).toEqual(['<a>', '<b>', '<c>'])
    expect(order.violations).toEqual([])
  })

  test.each([
    ['without an fsync', [stores('<a>'), acknowledges(puback(7))]],
    ['with the fsync after the PUBACK', [stores('<a>'), acknowledges(puback(7)), syncs()]],
    ['with the fsync before the record is written', [syncs(), stores('<a>'), acknowledges(puback(7))]],
    ['with an fsync of another file', [stores('<a>'), syncs('0', '39</data/state.db-wal>'), acknowledges(puback(7))]],
    [
      'with an fsync of the other lane’s journal',
      [stores('<a>'), syncs('0', '40</data/journal-bulk.db-wal>'), acknowledges(puback(7))],
    ],
    ['with an fsync that failed', [stores('<a>'), syncs('-1 EIO (Input/output error)'), acknowledges(puback(7))]],
    [
      'with an fsync that had begun before the PUBACK but not returned',
      [
        stores('<a>'),
        line(WORKER, `fsync(${WAL} <unfinished ...>`),
        acknowledges(puback(7)),
        line(WORKER, '<... fsync resumed>) = 0'),
      ],
    ],
    [
      'with an fsync that began before the record’s write had returned',
      [
        line(WORKER, `pwrite64(${WAL}, "${hex('<a>')}", 3, 4096 <unfinished ...>`),
        line(WORKER + 1, `fsync(${WAL}) = 0`),
        line(WORKER, '<... pwrite64 resumed>) = 3'),
        acknowledges(puback(7)),
      ],
    ],
    ['without the record', [stores('<b>'), syncs(), acknowledges(puback(7))]],
    [
      'with a write of the record that failed',
      [line(WORKER, `pwrite64(${WAL}, "${hex('<a>')}", 3, 0) = -1 ENOSPC`), syncs(), acknowledges(puback(7))],
    ],
    ['with an older record of the same content only', [], [stores('<a>'), syncs()]],
  ])('%s breaks it', (_, lines, before: string[] = []) => {
    const rest = lines.length === 0 ? [acknowledges(puback(7))] : lines
    const order = judge(...before, reads(publish(7, '<a>')), ...rest)
    expect(order.violations).toHaveLength(1)
    expect(order.violations[0]).toContain('PUBACK 7')
    expect(order.acknowledged).toEqual([])
  })

  test('with a PUBACK that nobody waits for breaks it', () => {
    expect(judge(acknowledges(puback(9))).violations).toEqual([
      'line 2: PUBACK 9 to socket:[4711] without a publish that waits for it',
    ])
  })

  test('does not take a file for a device that had its descriptor before', () => {
    const file = '51</data/state.db>'
    const order = judge(
      reads(publish(7, '<a>')),
      stores('<a>'),
      syncs(),
      acknowledges(puback(7)),
      line(MAIN, `read(${file}, "${publish(8, '<b>')}", 65536) = 10`),
      line(MAIN, `write(${file}, "${puback(8)}", 4) = 4`),
    )
    expect(order).toMatchObject({ published: 1, violations: [] })
  })

  test('is read also where calls of several threads lie across each other', () => {
    const order = judge(
      line(MAIN, `read(${SOCKET},  <unfinished ...>`),
      line(WORKER, `epoll_wait(3,  <unfinished ...>`),
      line(MAIN, `<... read resumed>"${publish(7, '<a>')}", 65536) = 10`),
      line(WORKER, '<... epoll_wait resumed>[], 16, -1, NULL, 8) = 0'),
      line(WORKER, `pwrite64(${WAL}, "${hex('<a>')}", 3, 4096 <unfinished ...>`),
      line(MAIN, '--- SIGCHLD {si_signo=SIGCHLD} ---'),
      line(WORKER, '<... pwrite64 resumed>) = 3'),
      line(WORKER, `fdatasync(${WAL} <unfinished ...>`),
      line(MAIN, 'epoll_wait(4, [], 1024, 0) = 0'),
      line(WORKER, '<... fdatasync resumed>) = 0'),
      line(MAIN, `write(${SOCKET}, "${puback(7)}", 4 <unfinished ...>`),
      '+++ exited with 0 +++',
    )
    expect(order).toMatchObject({ published: 1, syncs: 1, violations: [] })
    expect(order.acknowledged).toHaveLength(1)
  })

  test('that shows only the beginning of what a socket carried is not judged', () => {
    expect(() => judge(line(MAIN, `read(${SOCKET}, "\\x32"..., 65536) = 400`))).toThrow('-s')
  })
})
