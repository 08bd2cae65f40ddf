import type { SystemCall } from './system-calls.ts'

/**
 * Whether a broker's system calls kept the promise: for every QoS 1 publish that it read, the record was written to a
 * journal, an fsync of that journal began after the write and returned, and only then did the PUBACK's write begin.
 */
export interface OrderOptions {
  readonly isJournal: (file: string) => boolean
  /** What of a publish's payload is found again in the journal, and in no other record. */
  readonly markOf: (payload: Buffer) => Buffer
}

interface Acknowledged {
  /** Where it lies. */
  readonly journal: string
  readonly mark: string
}

export interface CallOrder {
  /** QoS 1 publishes that the broker read, and those of them that were acknowledged in order. */
  readonly published: number
  readonly acknowledged: readonly Acknowledged[]
  /** Times that a journal was synchronised. */
  readonly syncs: number
  /** One sentence per PUBACK that came too early or from nowhere. Empty: the promise was kept. */
  readonly violations: readonly string[]
}

const ACCEPTS = new Set(['accept', 'accept4'])
const READS = new Set(['read', 'readv', 'recvfrom', 'recvmsg'])
const SENDS = new Set(['write', 'writev', 'sendto', 'sendmsg'])
const FILE_WRITES = new Set(['pwrite64', 'pwritev', 'write', 'writev'])
const SYNCS = new Set(['fsync', 'fdatasync'])
const PUBLISH = 3
const PUBACK = 4
const QOS_1 = 1

interface Publish {
  readonly id: number
  readonly mark: Buffer
  /** The line of the trace on which the read of its last byte returned. */
  readonly readAt: number
}

interface Connection {
  /** `socket:[inode]`: the descriptor of a connection that has ended is given out again, also for files. */
  file: string | undefined
  inbound: Buffer
  outbound: Buffer
  readonly waiting: Publish[]
}

/** Throws where the trace does not show all bytes of a connection. */
export function checkOrder(calls: readonly SystemCall[], { isJournal, markOf }: OrderOptions): CallOrder {
  const connections = new Map<number, Connection>()
  const journalWrites = calls.filter(({ name, file }) => FILE_WRITES.has(name) && isJournal(file))
  const syncs = calls.filter(({ name, file, result }) => SYNCS.has(name) && isJournal(file) && result === 0)
  const acknowledged: Acknowledged[] = []
  const violations: string[] = []
  let published = 0

  const judge = (connection: Connection, id: number, call: SystemCall): void => {
    const at = connection.waiting.findIndex((publish) => publish.id === id)
    const publish = connection.waiting[at]
    const said = `line ${call.began}: PUBACK ${id} to ${call.file}`
    if (publish === undefined) {
      violations.push(`${said} without a publish that waits for it`)
      return
    }
    connection.waiting.splice(at, 1)
    const written = journalWrites.find(
      ({ began, bytes }) => began > publish.readAt && began < call.began && bytes.includes(publish.mark),
    )
    if (written === undefined || written.returned > call.began) {
      violations.push(`${said} before its record was written to a journal`)
      return
    }
    const synced = syncs.some(
      ({ file, began, returned }) => file === written.file && began > written.returned && returned < call.began,
    )
    if (synced) acknowledged.push({ journal: written.file, mark: publish.mark.toString() })
    else violations.push(`${said} before an fsync of ${written.file} had returned`)
  }

  for (const call of calls) {
    // A connection begins where it is accepted: the process has other sockets too.
    if (ACCEPTS.has(call.name) && call.result >= 0)
      connections.set(call.result, {
        file: undefined,
        inbound: Buffer.alloc(0),
        outbound: Buffer.alloc(0),
        waiting: [],
      })
    const connection = call.fd === undefined ? undefined : connections.get(call.fd)
    if (connection === undefined || !call.file.startsWith('socket:')) continue
    connection.file ??= call.file
    if (connection.file !== call.file) continue
    if (call.isCut)
      throw new Error(`line ${call.began}: the trace shows only the beginning of this ${call.name}: raise strace's -s`)
    if (READS.has(call.name)) {
      connection.inbound = forEachPacket(Buffer.concat([connection.inbound, call.bytes]), (header, body) => {
        if (header >> 4 !== PUBLISH || ((header >> 1) & 3) !== QOS_1) return
        const idAt = 2 + body.readUInt16BE(0)
        published++
        connection.waiting.push({
          id: body.readUInt16BE(idAt),
          mark: markOf(body.subarray(idAt + 2)),
          readAt: call.returned,
        })
      })
    } else if (SENDS.has(call.name)) {
      connection.outbound = forEachPacket(Buffer.concat([connection.outbound, call.bytes]), (header, body) => {
        if (header >> 4 === PUBACK) judge(connection, body.readUInt16BE(0), call)
      })
    }
  }
  return { published, acknowledged, syncs: syncs.length, violations }
}

/** MQTT 3.1.1 §2.2: calls `packet` for each complete one. @returns the bytes of the one that is not complete yet */
function forEachPacket(bytes: Buffer, packet: (header: number, body: Buffer) => void): Buffer {
  let rest = bytes
  for (;;) {
    let length = 0
    let at = 1
    for (let shift = 0; ; shift += 7, at++) {
      const digit = rest[at]
      if (digit === undefined) return rest
      length |= (digit & 0x7f) << shift
      if (digit < 0x80) break
    }
    const body = rest.subarray(at + 1, at + 1 + length)
    if (body.length < length) return rest
    packet(rest[0] as number, body)
    rest = rest.subarray(at + 1 + length)
  }
}
