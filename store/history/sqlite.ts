import { Worker } from 'node:worker_threads'
import type { Readings } from '../../contract/readings.ts'
import { packParcel } from './parcel.ts'
import type { History, HistoryReader } from './port.ts'
import { SqliteHistoryReader } from './sqlite-reader.ts'
import type { FromWorker, ToWorker } from './sqlite-worker.ts'

/** Opens the history for writing and reading; only one process may. Rejects with a plain message where it cannot be used. */
export async function openHistory(file: string): Promise<History> {
  const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData: { file } })
  await new Promise<void>((resolve, reject) => {
    worker.once('message', (message: FromWorker) => {
      if (message.type === 'ready') resolve()
      else reject(new Error(`history ${file}: ${message.type === 'failed' ? message.message : 'did not start'}`))
    })
    worker.once('error', reject)
  })
  return new SqliteHistory(file, worker)
}

/** Opens the history for reading, also before its writer has made it (it then reads as empty). */
export function openHistoryReader(file: string): HistoryReader {
  return new SqliteHistoryReader(file)
}

interface Wait {
  resolve(): void
  reject(error: Error): void
}

class SqliteHistory extends SqliteHistoryReader implements History {
  private readonly worker: Worker
  /** Writes that the worker has not answered yet, in order. */
  private readonly waiting: Wait[] = []
  private closing: (() => void) | undefined
  private dead: Error | undefined

  constructor(file: string, worker: Worker) {
    super(file)
    this.worker = worker
    worker.on('message', (message: FromWorker) => this.onMessage(message))
    worker.on('error', (error: Error) => this.onDeath(error))
    worker.on('exit', () => this.onDeath(new Error('the history writer has stopped')))
  }

  async write(messages: readonly { readonly deviceId: string; readonly readings: Readings }[]): Promise<void> {
    if (this.dead !== undefined) throw this.dead
    const parcel = packParcel(messages)
    if (parcel === undefined) return
    await new Promise<void>((resolve, reject) => {
      this.waiting.push({ resolve, reject })
      const { starts, ends, counts, quantities, offsets, bytes } = parcel
      this.send(
        { type: 'write', parcel },
        [starts, ends, counts, quantities, offsets, bytes].map((column) => column.buffer),
      )
    })
  }

  override async close(): Promise<void> {
    await super.close()
    if (this.dead !== undefined) return
    await new Promise<void>((resolve) => {
      this.closing = resolve
      this.send({ type: 'close' }, [])
    })
  }

  private onMessage(message: FromWorker): void {
    if (message.type === 'written') {
      const wait = this.waiting.shift()
      if (message.error === undefined) wait?.resolve()
      else wait?.reject(new Error(message.error))
    } else if (message.type === 'closed') {
      this.onDeath(new Error('the history is closed'))
    }
  }

  private onDeath(error: Error): void {
    if (this.dead !== undefined) return
    this.dead = error
    for (const wait of this.waiting.splice(0)) wait.reject(error)
    this.closing?.()
  }

  private send(message: ToWorker, transfer: ArrayBuffer[]): void {
    this.worker.postMessage(message, transfer)
  }
}
