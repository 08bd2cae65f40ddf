import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type MemoryReport, memoryFile } from './probe.ts'

/** What the kernel says of a process (Linux). */
export interface ProcessFigures {
  readonly rssBytes: number
  readonly openFiles: number
  readonly threads: number
  readonly cpuSeconds: number
}

/** Kernel clock ticks in /proc/<pid>/stat; 100 on every Linux that Node.js runs on. */
const TICKS_PER_SECOND = 100
const BYTES_PER_KB = 1024
const REPORT_TIMEOUT_MS = 10_000
const REPORT_LOOKS_EVERY_MS = 20

/** Throws where the process has ended. */
export function processFigures(pid: number): ProcessFigures {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const line = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
  // Behind the program's name, which may hold anything: fields 14 and 15 are user and system time.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {
    rssBytes: line('VmRSS') * BYTES_PER_KB,
    openFiles: readdirSync(`/proc/${pid}/fd`).length,
    threads: line('Threads'),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
  }
}

/** Memory after garbage has been collected; the process must have been started with the environment of `probed`. */
export async function settledMemory(pid: number, dataDir: string): Promise<MemoryReport> {
  const file = memoryFile(dataDir, pid)
  rmSync(file, { force: true })
  process.kill(pid, 'SIGUSR2')
  const giveUpAt = performance.now() + REPORT_TIMEOUT_MS
  for (;;) {
    await sleep(REPORT_LOOKS_EVERY_MS)
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as MemoryReport
    } catch (error) {
      // Not there yet, or half written.
      if (performance.now() > giveUpAt) throw error
    }
  }
}

/** How many files this process and its children may open; undefined where the system does not say. */
export function openFileLimit(): number | undefined {
  const limits = readFileSync('/proc/self/limits', 'utf8')
  // Node.js raises its soft limit to the hard one when it starts.
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1]
  return hard === undefined ? undefined : hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard)
}
