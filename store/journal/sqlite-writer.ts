import { Worker } from 'node:worker_threads'
import type { SpareRoom } from '../spare-room.ts'
import { StoreUnusable } from '../sqlite.ts'
import { frameSize, writeFrame } from './frame.ts'
import type { JournalWriter, RecordKind } from './port.ts'
import type { JournalWriterOptions } from './sqlite.ts'
import type { FromWorker, ToWorker } from './sqlite-worker.ts'

/** A group grows while the one before it is being written; two buffers take turns. Grows on demand up to the bound. */
const FIRST_BUFFER = 256 * 1024
/** A commit group's upper bound: keeps one fsync short (4 MiB ≈ 5 ms here) and a reader's memory small. */
const MAX_GROUP_BYTES = 4 * 1024 * 1024
/** A thread that could store nothing for so long is replaced: what it holds of the file may be what is broken. */
const REPLACE_AFTER_MS = 5000
/** Between two attempts to start a thread in the place of one that has ended. */
const REVIVE_MS = 1000

type Done = (error?: Error) => void

/** Gathers records into groups and hands them to the thread that writes the file; starts that thread anew when it ends. */
export class SqliteJournalWriter implements JournalWriter {
  pendingBytes = 0
  private readonly start: () => Promise<Worker>
  private readonly onLost: (what: string) => void
  private worker: Worker
  private filling: Buffer = Buffer.from(new ArrayBuffer(FIRST_BUFFER))
  private filled = 0
  private waiting: Done[] = []
  /** Groups that were full before the worker was free. */
  private readonly full: { body: Buffer; length: number; waiting: Done[] }[] = []
  private spare: Buffer | undefined
  private inFlight: { length: number; waiting: Done[] } | undefined
  private scheduled = false
  private readonly answers: { resolve(n: number): void; reject(e: Error): void }[] = []
  private closed: Promise<void> | undefined
  private onClosed: () => void = () => {}
  /** Why nothing can be stored now. */
  private down: Error | undefined
  private failingSince = 0
  private reviving: NodeJS.Timeout | undefined

  static async open(file: string, options: JournalWriterOptions): Promise<SqliteJournalWriter> {
    const onLost = options.onLost ?? (() => {})
    const start = (): Promise<Worker> => startWorker(file, options.startAfter, onLost)
    return new SqliteJournalWriter(await start(), start, onLost)
  }

  private constructor(worker: Worker, start: () => Promise<Worker>, onLost: (what: string) => void) {
    this.start = start
    this.onLost = onLost
    this.worker = worker
    this.listen(worker)
  }

  append(kind: RecordKind, deviceId: string, arg: string, arrivedAt: number, payload: Uint8Array, done: Done): void {
    const refused = this.down ?? (this.closed === undefined ? undefined : new Error('the journal is being closed'))
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
    return this.ask({ type: 'prune', throughSeq })
  }

  async tidy({ least, most }: SpareRoom): Promise<boolean> {
    return (await this.ask({ type: 'tidy', least, most })) !== 0
  }

  async close(): Promise<void> {
    if (this.closed === undefined) {
      clearTimeout(this.reviving)
      this.closed = new Promise<void>((resolve) => {
        this.onClosed = resolve
      })
      if (this.down !== undefined) this.onClosed()
      else this.commitNext()
    }
    await this.closed
  }

  private ask(message: ToWorker): Promise<number> {
    if (this.down !== undefined) return Promise.reject(this.down)
    return new Promise((resolve, reject) => {
      this.answers.push({ resolve, reject })
      this.send(message)
    })
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
    if (this.inFlight !== undefined || this.down !== undefined) return
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

  private listen(worker: Worker): void {
    worker.on('message', (message: FromWorker) => {
      if (worker === this.worker) this.onMessage(message)
    })
    const onDeath = (error: Error): void => {
      if (worker === this.worker) this.onDeath(error)
    }
    worker.on('error', onDeath)
    worker.on('exit', () => onDeath(new Error('the journal writer has stopped')))
  }

  private onMessage(message: FromWorker): void {
    if (message.type === 'committed') this.onCommitted(message.body, message.error)
    else if (message.type === 'lost') this.onLost(message.what)
    else if (message.type === 'answer') {
      const wait = this.answers.shift()
      if (message.error === undefined) wait?.resolve(message.value)
      else wait?.reject(new Error(message.error))
    } else if (message.type === 'closed') {
      this.down = new Error('the journal is closed')
      this.onClosed()
    }
  }

  private onCommitted(body: ArrayBuffer, failure: string | undefined): void {
    const group = this.inFlight
    this.inFlight = undefined
    this.spare = Buffer.from(body)
    if (group === undefined) return
    this.pendingBytes -= group.length
    // The next group goes to the disk before the acknowledgements of this one are written.
    this.commitNext()
    const error = failure === undefined ? undefined : new Error(failure)
    for (const done of group.waiting) done(error)
    if (error === undefined) this.failingSince = 0
    else this.hasFailed()
  }

  private hasFailed(): void {
    const now = performance.now()
    if (this.failingSince === 0) this.failingSince = now
    else if (now - this.failingSince > REPLACE_AFTER_MS && this.closed === undefined) {
      this.failingSince = 0
      // Its end is heard like any other; what it may still store was refused, and its numbers are asked for anew.
      void this.worker.terminate()
    }
  }

  private onDeath(error: Error): void {
    if (this.down !== undefined) return
    this.down = error
    const groups = [this.inFlight, ...this.full, { waiting: this.waiting }]
    this.inFlight = undefined
    this.full.length = 0
    this.waiting = []
    this.filled = 0
    // Nothing waits for the disk any more: whoever was held back by what did must not be held for ever.
    this.pendingBytes = 0
    for (const group of groups) for (const done of group?.waiting ?? []) done(error)
    for (const wait of this.answers.splice(0)) wait.reject(error)
    this.onClosed()
    if (this.closed === undefined) this.revive(0)
  }

  private revive(afterMs: number): void {
    this.reviving = setTimeout(() => {
      this.start().then(
        (worker) => {
          if (this.closed !== undefined) return void worker.terminate()
          this.worker = worker
          this.down = undefined
          this.listen(worker)
        },
        (error: Error) => {
          this.down = error
          if (this.closed === undefined) this.revive(REVIVE_MS)
        },
      )
    }, afterMs)
    this.reviving.unref()
  }

  private send(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.worker.postMessage(message, transfer)
  }
}

async function startWorker(
  file: string,
  startAfter: JournalWriterOptions['startAfter'],
  onLost: (what: string) => void,
): Promise<Worker> {
  const workerData = { file, startAfter: (await startAfter?.()) ?? 0 }
  const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData })
  await new Promise<void>((resolve, reject) => {
    const onMessage = (message: FromWorker): void => {
      if (message.type === 'lost') onLost(message.what)
      else if (message.type !== 'failed') settle()
      else settle(message.unusable ? new StoreUnusable(message.message) : new Error(`${file}: ${message.message}`))
    }
    const onExit = (): void => settle(new Error(`the writer of ${file} did not start`))
    const settle = (error?: Error): void => {
      worker.off('message', onMessage).off('error', settle).off('exit', onExit)
      if (error === undefined) resolve()
      else reject(error)
    }
    worker.on('message', onMessage).on('error', settle).on('exit', onExit)
  })
  return worker
}
