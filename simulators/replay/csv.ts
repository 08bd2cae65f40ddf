/**
 * A CSV of (time, value) as people have them: with or without a header, a byte order mark, quotes, semicolons; times in
 * seconds or milliseconds since 1970, or ISO 8601. A line that cannot be read is reported with its number and skipped.
 */
export interface Series {
  /** ms since 1970, UTC, as they stand in the file. */
  readonly at: readonly number[]
  readonly values: readonly number[]
}

interface BadLine {
  /** 1 is the first line of the file. */
  readonly line: number
  readonly why: string
}

export interface CsvOptions {
  /** Names in the header, or numbers from 1. Absent: the first two columns, or those whose names say so. */
  readonly columns?: readonly [time: string, value: string]
  /** For times without a zone of their own, such as `+08:00` or `Z`. */
  readonly zone: string
}

export interface ParsedCsv {
  readonly series: Series
  readonly bad: readonly BadLine[]
  /** Lines whose value is empty: nothing was measured. */
  readonly empty: number
}

/** The file as a whole cannot be used. */
export class CsvError extends Error {
  override name = 'CsvError'
}

const TIME_NAMES = /^(time|ts|date|datetime|timestamp|unixtime|unix|epoch|start|starttime|时间)$/i
const VALUE_NAMES = /^(value|val|reading|v|数值|读数)$/i
/** Seconds until the year 5138, milliseconds from 1973: no time of any meter is read wrongly. */
const MILLISECONDS_FROM = 1e11
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const LOCAL_ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?$/
const ZONED_ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(Z|[+-]\d{2}:?\d{2})$/i

export function parseCsv(text: string, options: CsvOptions): ParsedCsv {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  const first = lines.findIndex((line) => line.trim() !== '')
  if (first < 0) throw new CsvError('The file is empty.')
  const separator = separatorOf(lines[first]!)
  const head = cells(lines[first]!, separator)
  const { time, value, isHeader } = locate(head, options)

  const at: number[] = []
  const values: number[] = []
  const bad: BadLine[] = []
  let empty = 0
  for (let i = first + (isHeader ? 1 : 0); i < lines.length; i++) {
    const line = lines[i]!
    if (line.trim() === '') continue
    const row = cells(line, separator)
    const timeCell = row[time] ?? ''
    const valueCell = row[value]
    const when = parseTime(timeCell, options.zone)
    if (valueCell === undefined)
      bad.push({ line: i + 1, why: `has ${row.length} columns, the value should be in column ${value + 1}` })
    else if (when === undefined) bad.push({ line: i + 1, why: `"${timeCell.slice(0, 40)}" is no time` })
    else if (valueCell === '') empty++
    else if (!NUMBER.test(valueCell) || !Number.isFinite(Number(valueCell)))
      bad.push({ line: i + 1, why: `"${valueCell.slice(0, 40)}" is no finite number` })
    else {
      at.push(when)
      values.push(Number(valueCell))
    }
  }
  return { series: inOrder(at, values), bad, empty }
}

/** ms since 1970, or undefined. */
export function parseTime(cell: string, zone: string): number | undefined {
  if (NUMBER.test(cell)) {
    const number = Number(cell)
    return Math.round(Math.abs(number) >= MILLISECONDS_FROM ? number : number * 1000)
  }
  const zoned = ZONED_ISO.exec(cell)
  const local = zoned ?? LOCAL_ISO.exec(cell)
  if (local === null) return undefined
  const clock = (local[2] ?? '00:00').padStart(5, '0').replace(/^(\d):/, '0$1:')
  const offset = (zoned?.[3] ?? zone).toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')
  const parsed = Date.parse(`${local[1]}T${clock}${offset}`)
  return Number.isNaN(parsed) ? undefined : parsed
}

function separatorOf(line: string): string {
  const counts = [',', ';', '\t'].map((one) => line.split(one).length)
  return [',', ';', '\t'][counts.indexOf(Math.max(...counts))]!
}

const cells = (line: string, separator: string): string[] =>
  line.split(separator).map((cell) =>
    cell
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .trim(),
  )

function locate(head: readonly string[], options: CsvOptions): { time: number; value: number; isHeader: boolean } {
  if (options.columns !== undefined) {
    const isHeader =
      !options.columns.every((name) => /^\d+$/.test(name)) ||
      parseTime(head[Number(options.columns[0]) - 1] ?? '', options.zone) === undefined
    const [time, value] = options.columns.map((name) => columnOf(head, name)) as [number, number]
    return { time, value, isHeader }
  }
  if (head.length < 2) throw new CsvError('There is only one column. A line is a time and a value: 1596503593,0.012')
  const isHeader = head.every((cell) => !NUMBER.test(cell) && parseTime(cell, options.zone) === undefined)
  const time = isHeader ? head.findIndex((name) => TIME_NAMES.test(name)) : 0
  const value = isHeader ? head.findIndex((name) => VALUE_NAMES.test(name)) : 1
  const timeOr = time < 0 ? 0 : time
  return { time: timeOr, value: value < 0 ? (timeOr === 0 ? 1 : 0) : value, isHeader }
}

function columnOf(head: readonly string[], name: string): number {
  const byName = head.findIndex((one) => one.toLowerCase() === name.toLowerCase())
  const index = byName >= 0 ? byName : /^\d+$/.test(name) ? Number(name) - 1 : -1
  if (index < 0 || index >= head.length)
    throw new CsvError(`There is no column "${name}". The first line has: ${head.join(', ')}`)
  return index
}

/** Ascending; two lines with the same time stay in the order of the file. */
function inOrder(at: readonly number[], values: readonly number[]): Series {
  if (at.every((when, i) => i === 0 || when >= at[i - 1]!)) return { at, values }
  const order = at.map((_, i) => i).sort((a, b) => at[a]! - at[b]! || a - b)
  return { at: order.map((i) => at[i]!), values: order.map((i) => values[i]!) }
}
