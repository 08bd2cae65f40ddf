/** One row of a table as it lies in the file: `line` counts from 1, `cells` are unquoted. */
export interface CsvRow {
  readonly line: number
  readonly cells: readonly string[]
}

const SEPARATORS = [',', ';', '\t'] as const

/** No person's table has more, and nobody's memory is to be filled by one. A spreadsheet's cell has 32,767 characters. */
const MOST_COLUMNS = 1000
const MOST_ROWS = 1_000_000
const LONGEST_CELL = 100_000

/** No table of a person. The message says what there is too much of. */
export class BeyondTable extends Error {
  override name = 'BeyondTable'
}

/** The rows of a short table in which anything is written. */
export const parseCsv = (text: string): readonly CsvRow[] => [...csvRows(text)].filter(isWritten)

export const isWritten = ({ cells }: CsvRow): boolean => cells.some((cell) => cell !== '')

/**
 * RFC 4180, with the separator that the first line uses most (spreadsheets write `;` where `,` is the decimal sign), row by
 * row, also the empty ones. Looks for what ends a cell, not at each of its characters: eight million of them are no reason to hold others up.
 * @throws BeyondTable
 */
export function* csvRows(text: string): Generator<CsvRow> {
  const separator = separatorOf(text)
  const patterns = { ends: ENDS[separator], quoted: separator === '\t' ? QUOTED_BEHIND_TAB : QUOTED }
  let cells: string[] = []
  let line = 1
  let startedAt = 1
  let rows = 0
  for (let at = 0; at <= text.length; ) {
    const { cell, lines, next } = cellAt(text, at, patterns)
    cells.push(cell)
    if (cells.length > MOST_COLUMNS) throw new BeyondTable(`line ${startedAt} has more than ${MOST_COLUMNS} columns`)
    line += lines
    at = next + 1
    const end = text[next]
    if (end !== undefined && end !== '\r' && end !== '\n') continue
    const isPair = end === '\r' && text[at] === '\n'
    if (isPair) at += 1
    rows += 1
    if (rows > MOST_ROWS) throw new BeyondTable(`there are more than ${MOST_ROWS} rows`)
    yield { line: startedAt, cells }
    cells = []
    if (end === '\n' || isPair) line += 1
    startedAt = line
  }
}

/** A cell that begins at `at`, how many lines it goes on for, and where it ends. */
function cellAt(
  text: string,
  at: number,
  { ends, quoted }: { readonly ends: RegExp; readonly quoted: RegExp },
): { readonly cell: string; readonly lines: number; readonly next: number } {
  const endFrom = (from: number): number => {
    ends.lastIndex = from
    return ends.exec(text)?.index ?? text.length
  }
  quoted.lastIndex = at
  if (!quoted.test(text)) {
    const next = endFrom(at)
    if (next - at > LONGEST_CELL) throw tooLong()
    return { cell: text.slice(at, next).trim(), lines: 0, next }
  }
  const from = quoted.lastIndex
  let to = text.indexOf('"', from)
  while (to >= 0 && text[to + 1] === '"' && to - from <= LONGEST_CELL) to = text.indexOf('"', to + 2)
  if (to < 0) to = text.length
  const inside = text.slice(from, to)
  const next = endFrom(to + 1)
  if (next - from > LONGEST_CELL) throw tooLong()
  const lines = inside.match(LINE_END)?.length ?? 0
  // What stands between the closing quote and the separator is kept: nothing that a person wrote is lost.
  return { cell: inside.replaceAll('""', '"') + text.slice(to + 1, next), lines, next: Math.min(next, text.length) }
}

const tooLong = (): BeyondTable =>
  new BeyondTable(`a cell has more than ${LONGEST_CELL} characters; a quote may be missing`)

/** The quote that a cell begins with; before it, spaces. */
const QUOTED = /[^\S\r\n]*"/y
const QUOTED_BEHIND_TAB = /[^\S\r\n\t]*"/y
const LINE_END = /\n/g
const ENDS = { ',': /[,\r\n]/g, ';': /[;\r\n]/g, '\t': /[\t\r\n]/g } as const

/** Of a head that is longer than any, the beginning says it. Characters. */
const LONGEST_HEAD = 100_000

function separatorOf(text: string): (typeof SEPARATORS)[number] {
  const head = text.slice(0, LONGEST_HEAD).split(/[\r\n]/, 1)[0] ?? ''
  const count = (separator: string): number => head.split(separator).length
  return SEPARATORS.reduce((best, separator) => (count(separator) > count(best) ? separator : best))
}

/** What makes a spreadsheet compute a cell instead of showing it (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r]/

/** A row for a person's spreadsheet: text that could be a formula is made text. */
export const csvLine = (cells: readonly (string | number)[]): string =>
  `${cells.map((cell) => quote(typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : String(cell))).join(',')}\r\n`

/** The first row of a file; with what a spreadsheet needs to know that it is UTF-8. */
export const csvHead = (columns: readonly string[]): string => `\ufeff${csvLine(columns)}`

const quote = (cell: string): string => (/[",\r\n;]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
