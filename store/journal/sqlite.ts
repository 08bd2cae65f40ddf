import { existsSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { crc32 } from 'node:zlib'
import { openDatabase } from '../sqlite.ts'
import { frameSize, readFrames, writeFrame } from './frame.ts'
import { JournalDamaged, type JournalReader, type JournalRecord, type JournalWriter, type RecordKind } from './port.ts'
import type { FromWorker, ToWorker } from './sqlite-worker.ts'

/** A group grows while the one before it is being written; two buffers take turns. Grows on demand up to the bound. */
const FIRST_BUFFER = 256 * 1024
/** A commit group's upper bound: keeps one fsync short (4 MiB ≈ 5 ms here) and a reader's memory small. */
const MAX_GROUP_BYTES = 4 * 1024 * 1024

type Done = (error?: Error) => void

/** Opens the journal of one lane for writing. Rejects with a plain message where the file cannot be used. */
export async function openJournalWriter(file: string): Promise<JournalWriter> {
  const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData: { file } })
  await new Promise<void>((resolve, reject) => {
    worker.once('message', (message: FromWorker) => {
      if (message.type === 'ready') resolve()
      else reject(new Error(`journal ${file}: ${message.type === 'failed' ? message.message : 'did not start'}`))
    })
    worker.once('error', reject)
  })
  return new SqliteJournalWriter(worker)
}

class SqliteJournalWriter implements JournalWriter {
  pendingBytes = 0
  private readonly worker: Worker
  private filling: Buffer = Buffer.from(new ArrayBuffer(FIRST_BUFFER))
  private filled = 0
  private waiting: Done[] = []
  /** Groups that were full before the worker was free. */
  private readonly full: { body: Buffer; length: number; waiting: Done[] }[] = []
  private spare: Buffer | undefined
  private inFlight: { length: number; waiting: Done[] } | undefined
  private scheduled = false
  private readonly pruneWaits: { resolve(n: number): void; reject(e: Error): void }[] = []
  private closed: Promise<void> | undefined
  private onClosed: () => void = () => {}
  private dead: Error | undefined

  constructor(worker: Worker) {
    this.worker = worker
    worker.on('message', (message: FromWorker) => this.onMessage(message))
    worker.on('error', (error: Error) => this.onDeath(error))
    worker.on('exit', () => this.onDeath(new Error('the journal writer has stopped')))
  }

  append(kind: RecordKind, deviceId: string, arg: string, arrivedAt: number, payload: Uint8Array, done: Done): void {
    const refused = this.dead ?? (this.closed === undefined ? undefined : new Error('the journal is being closed'))
    if (refused !== undefined) {
      process.nextTick(() => done(refused))
      return
    }
    const size = frameSize(deviceId, arg, payload)
    this.makeRoom(size)
    this.filled = writeFrame(this.filling, this.filled, kind, deviceId, arg, arrivedAt, payload)
    this.waiting.push(done)
    this.pendingBytes += size
    // One turn of the event loop gathers everything that the sockets delivered in it.
    if (!this.scheduled && this.inFlight === undefined) {
      this.scheduled = true
      setImmediate(() => {
        this.scheduled = false
        this.commitNext()
      })
    }
  }

  prune(throughSeq: number): Promise<number> {
    if (this.dead !== undefined) return Promise.reject(this.dead)
    return new Promise((resolve, reject) => {
      this.pruneWaits.push({ resolve, reject })
      this.send({ type: 'prune', throughSeq })
    })
  }

  async close(): Promise<void> {
    if (this.dead !== undefined) return
    if (this.closed === undefined) {
      this.closed = new Promise<void>((resolve) => {
        this.onClosed = resolve
      })
      this.commitNext()
    }
    await this.closed
  }

  private makeRoom(size: number): void {
    const need = this.filled + size
    if (need <= this.filling.length) return
    if (this.filled > 0 && need > MAX_GROUP_BYTES) {
      this.full.push({ body: this.filling, length: this.filled, waiting: this.waiting })
      this.filling = this.freshBuffer(size)
      this.filled = 0
      this.waiting = []
      return
    }
    const bigger = Buffer.from(new ArrayBuffer(Math.max(this.filling.length * 2, need)))
    this.filling.copy(bigger, 0, 0, this.filled)
    this.filling = bigger
  }

  private freshBuffer(atLeast: number): Buffer {
    const spare = this.spare
    this.spare = undefined
    return spare !== undefined && spare.length >= atLeast
      ? spare
      : Buffer.from(new ArrayBuffer(Math.max(FIRST_BUFFER, atLeast)))
  }

  private commitNext(): void {
    if (this.inFlight !== undefined || this.dead !== undefined) return
    let group = this.full.shift()
    if (group === undefined && this.waiting.length > 0) {
      group = { body: this.filling, length: this.filled, waiting: this.waiting }
      this.filling = this.freshBuffer(0)
      this.filled = 0
      this.waiting = []
    }
    if (group === undefined) {
      if (this.closed !== undefined) this.send({ type: 'close' })
      return
    }
    this.inFlight = { length: group.length, waiting: group.waiting }
    const body = group.body.buffer as ArrayBuffer
    this.send({ type: 'commit', body, length: group.length, count: group.waiting.length }, [body])
  }

  private onMessage(message: FromWorker): void {
    if (message.type === 'committed') {
      const group = this.inFlight
      this.inFlight = undefined
      this.spare = Buffer.from(message.body)
      if (group === undefined) return
      this.pendingBytes -= group.length
      // The next group goes to the disk before the acknowledgements of this one are written.
      this.commitNext()
      const error = message.error === undefined ? undefined : new Error(message.error)
      for (const done of group.waiting) done(error)
    } else if (message.type === 'pruned') {
      const wait = this.pruneWaits.shift()
      if (message.error === undefined) wait?.resolve(message.count)
      else wait?.reject(new Error(message.error))
    } else if (message.type === 'closed') {
      this.dead = new Error('the journal is closed')
      this.onClosed()
    }
  }

  private onDeath(error: Error): void {
    if (this.dead !== undefined) return
    this.dead = error
    const groups = [this.inFlight, ...this.full, { waiting: this.waiting }]
    this.inFlight = undefined
    this.full.length = 0
    this.waiting = []
    // Nothing waits for the disk any more: whoever was held back by what did must not be held for ever.
    this.pendingBytes = 0
    for (const group of groups) for (const done of group?.waiting ?? []) done(error)
    for (const wait of this.pruneWaits.splice(0)) wait.reject(error)
    this.onClosed()
  }

  private send(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.worker.postMessage(message, transfer)
  }
}

/** Opens the journal of one lane for reading, also before its writer has made it (it then reads as empty). */
export function openJournalReader(file: string): JournalReader {
  return new SqliteJournalReader(file)
}

interface BatchRow {
  last: number
  count: number
  crc: number
  body: Uint8Array
}

class SqliteJournalReader implements JournalReader {
  private readonly file: string
  private db: DatabaseSync | undefined
  private version: StatementSync | undefined
  private after: StatementSync | undefined
  /** `PRAGMA data_version` of the last read that found nothing more: asking again costs 2 µs instead of a query. */
  private quietVersion = -1
  private quietAfter = -1

  constructor(file: string) {
    this.file = file
  }

  async readAfter(seq: number, maxRecords: number): Promise<readonly JournalRecord[]> {
    if (!this.open()) return []
    const version = (this.version?.get() as { data_version: number }).data_version
    if (version === this.quietVersion && seq === this.quietAfter) return []
    const records: JournalRecord[] = []
    for (const raw of this.after?.iterate(seq) ?? []) {
      const row = raw as unknown as BatchRow
      if (crc32(row.body) !== row.crc) {
        // What was read before the damage is good; the damage itself is met at the next call.
        if (records.length > 0) return records
        throw new JournalDamaged(
          `${this.file}: records ${row.last - row.count + 1} to ${row.last} do not check (bit rot or a foreign write). Restore from a backup, or skip them knowingly.`,
          seq,
          row.last,
        )
      }
      for (const record of readFrames(row.body, row.last - row.count + 1, seq)) records.push(record)
      if (records.length >= maxRecords) return records
    }
    if (records.length === 0) {
      this.quietVersion = version
      this.quietAfter = seq
    }
    return records
  }

  async head(): Promise<number> {
    if (!this.open()) return 0
    const row = this.db
      ?.prepare('SELECT max(coalesce((SELECT max(last) FROM batch), 0), (SELECT pruned_through FROM mark)) AS n')
      .get()
    return (row as { n: number }).n
  }

  async tail(): Promise<number> {
    if (!this.open()) return 0
    const row = this.db?.prepare('SELECT last - count + 1 AS n FROM batch ORDER BY last LIMIT 1').get()
    return (row as { n: number } | undefined)?.n ?? 0
  }

  async close(): Promise<void> {
    this.db?.close()
    this.db = undefined
  }

  private open(): boolean {
    if (this.db !== undefined) return true
    if (!existsSync(this.file)) return false
    const db = openDatabase(this.file, { durability: 'NORMAL', readOnly: true })
    const made = db.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'mark'").get() as { n: number }
    if (made.n === 0) {
      db.close()
      return false
    }
    this.db = db
    this.version = db.prepare('PRAGMA data_version')
    this.after = db.prepare('SELECT last, count, crc, body FROM batch WHERE last > ? ORDER BY last')
    return true
  }
}
