import { statfs } from 'node:fs/promises'

const MB = 1_000_000
/**
 * The line where nothing else is set: 1 GB is three days of a city of 300,000 meters (0.3 GB a day), time enough for a
 * person to come; it does not grow with the disk, because what has to fit below it does not. A disk of less than 10 GB
 * would lose too much to it: there it is a tenth.
 */
const LINE_BYTES = 1000 * MB
const LINE_SHARE = 0.1
/** Above the line by so much the door opens again: so that it does not open and shut with every pruned record. */
const REOPENS_AT = 1.1
const LOOK_EVERY_MS = 1000

export interface DiskSpace {
  /** What a program without privileges may still write. Bytes. */
  readonly free: number
  /** Free space at which meters are held back. Bytes. */
  readonly line: number
}

/** @param guardMb as set by a person; undefined: the default */
export async function diskSpace(folder: string, guardMb: number | undefined): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(folder)
  const line = guardMb === undefined ? Math.min(LINE_BYTES, blocks * bsize * LINE_SHARE) : guardMb * MB
  return { free: bavail * bsize, line }
}

/** Knows whether the disk under a folder is nearly full. Looking costs 20 µs, in another thread. */
export class DiskGuard {
  /** Undefined before the first look. */
  space: DiskSpace | undefined
  /** The disk is nearly full: what is not urgent has to wait. */
  engaged = false
  private readonly folder: string
  private readonly guardMb: number | undefined
  private readonly listeners: ((engaged: boolean) => void)[] = []
  private looking: Promise<void> | undefined
  private timer: NodeJS.Timeout | undefined

  constructor(folder: string, guardMb: number | undefined) {
    this.folder = folder
    this.guardMb = guardMb
  }

  onChange(listener: (engaged: boolean) => void): void {
    this.listeners.push(listener)
  }

  /** Looks now, then about once a second. */
  async start(): Promise<void> {
    await this.look()
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS)
    this.timer.unref()
  }

  stop(): void {
    clearInterval(this.timer)
  }

  /** Looks now: for whoever has just met a disk that refuses. A folder that cannot be asked about keeps its last answer. */
  look(): Promise<void> {
    this.looking ??= diskSpace(this.folder, this.guardMb)
      .then((space) => this.judge(space))
      .catch(() => undefined)
      .finally(() => {
        this.looking = undefined
      })
    return this.looking
  }

  private judge(space: DiskSpace): void {
    this.space = space
    const engaged = space.free < space.line * (this.engaged ? REOPENS_AT : 1)
    if (engaged === this.engaged) return
    this.engaged = engaged
    for (const listener of this.listeners) listener(engaged)
  }
}

/** Figures as people read them. */
export const megabytes = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`
