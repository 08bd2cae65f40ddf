import { closeSync, existsSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder } from '../../store/files.ts'

/** A role that logs without end keeps at most five files of this size. */
const MAX_BYTES = 8 * 1024 * 1024
const OLD_FILES = 4

/** A log file that is continued in a new one when it is full; the oldest is forgotten. */
export class LogFile {
  private readonly path: string
  private readonly maxBytes: number
  private fd: number
  private size: number

  constructor(path: string, maxBytes: number = MAX_BYTES) {
    this.path = path
    this.maxBytes = maxBytes
    makeFolder(dirname(path))
    this.fd = openSync(path, 'a', 0o600)
    this.size = fstatSync(this.fd).size
  }

  /** A full disk must not end the supervisor: what cannot be written is left out. */
  line(text: string): void {
    const bytes = Buffer.from(`${text}\n`)
    try {
      if (this.size > 0 && this.size + bytes.length > this.maxBytes) this.rotate()
      writeSync(this.fd, bytes)
      this.size += bytes.length
    } catch {
      // The journal names a full disk to whoever has to know.
    }
  }

  close(): void {
    closeSync(this.fd)
  }

  private rotate(): void {
    for (let n = OLD_FILES; n >= 1; n -= 1) {
      const from = n === 1 ? this.path : `${this.path}.${n - 1}`
      if (existsSync(from)) renameSync(from, `${this.path}.${n}`)
    }
    const full = this.fd
    this.fd = openSync(this.path, 'a', 0o600)
    this.size = 0
    closeSync(full)
  }
}
