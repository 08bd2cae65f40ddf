import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** EN 54-7's m in dB/m is ten times the optical density per metre. */
const DB_PER_OPTICAL_DENSITY = 10
const PERCENT_TO_PPM = 10_000

/** One room of one test: what its instruments measured, and when its real alarms sounded. Times in s. */
export interface Room {
  readonly test: string
  readonly room: string
  readonly photoelectricS: number
  /** Undefined: no ionisation alarm of that room sounded. */
  readonly ionisationS: number | undefined
  /** `ceiling`: under it; `lower`: the only one there was; `none`. */
  readonly smokeMeter: 'ceiling' | 'lower' | 'none'
  readonly timeS: readonly number[]
  readonly temperature: readonly number[]
  /** dB/m; undefined where there was no meter. */
  readonly smoke: readonly number[] | undefined
  /** ppm, unfiltered: the analysers' noise is 50 to 500 ppm. Undefined where there was none. */
  readonly co: readonly number[] | undefined
}

type Row = Readonly<Record<string, string>>

function table(file: string): readonly Row[] {
  const [head = '', ...lines] = readFileSync(file, 'utf8').trim().split(/\r?\n/)
  const names = head.split(',').map((name) => name.trim())
  return lines.map((line) => {
    const cells = line.split(',')
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']))
  })
}

/** `nist-sdc02.csv` is test `SDC02` of the table of activation times. */
const TEST_FILE = /^nist-(sdc\d+\w*)\.csv$/i

const TIMES = 'nist-activation-times.csv'

export const hasFires = (folder: string): boolean => existsSync(join(folder, TIMES))

/** Every room of every test in which a photoelectric alarm sounded and a thermocouple hung under the ceiling. */
export function readRooms(folder: string): readonly Room[] {
  const sounded = table(join(folder, TIMES))
  return readdirSync(folder)
    .toSorted()
    .flatMap((file) => {
      const test = TEST_FILE.exec(file)?.[1]?.toUpperCase()
      if (test === undefined) return []
      const rows = table(join(folder, file))
      const rooms = [
        ...new Set(sounded.filter((row) => row.test === test).map((row) => (row.detector ?? '').slice(-1))),
      ]
      return rooms.toSorted().flatMap((room) => roomOf(test, room, rows, sounded) ?? [])
    })
}

function roomOf(test: string, room: string, rows: readonly Row[], sounded: readonly Row[]): Room | undefined {
  const firstOf = (technology: string): number | undefined => {
    const seconds = sounded
      .filter(
        ({ test: of, detector = '' }) => of === test && detector.startsWith(technology) && detector.endsWith(room),
      )
      .map((row) => Number(row.seconds))
    return seconds.length === 0 ? undefined : Math.min(...seconds)
  }
  const photoelectricS = firstOf('Pho')
  const column = (name: string, factor = 1): readonly number[] | undefined =>
    rows[0]?.[name] === undefined ? undefined : rows.map((row) => Math.max(-50, Number(row[name])) * factor)
  const temperature = column(`TC${room}_1`)
  if (photoelectricS === undefined || temperature === undefined) return undefined
  const ceiling = column(`SM${room}_1`, DB_PER_OPTICAL_DENSITY)
  const smoke = ceiling ?? column(`SM${room}_4`, DB_PER_OPTICAL_DENSITY)
  return {
    test,
    room,
    photoelectricS,
    ionisationS: firstOf('Ion'),
    smokeMeter: ceiling !== undefined ? 'ceiling' : smoke !== undefined ? 'lower' : 'none',
    timeS: rows.map((row) => Number(row.TIME)),
    temperature,
    smoke: smoke?.map((value) => Math.max(0, value)),
    co: column(`GAS${room}_1`, PERCENT_TO_PPM)?.map((value) => Math.max(0, value)),
  }
}
