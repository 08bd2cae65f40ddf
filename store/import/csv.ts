/** One row of a table as it lies in the file: `line` counts from 1, `cells` are unquoted. */
export interface CsvRow {
  readonly line: number
  readonly cells: readonly string[]
}

const SEPARATORS = [',', ';', '\t'] as const

/** RFC 4180, with the separator that the first line uses most (spreadsheets write `;` where `,` is the decimal sign). */
export function parseCsv(text: string): readonly CsvRow[] {
  const separator = separatorOf(text)
  const rows: CsvRow[] = []
  let cells: string[] = []
  let cell = ''
  let quoted = false
  let wasQuoted = false
  let line = 1
  let startedAt = 1
  const endCell = (): void => {
    cells.push(wasQuoted ? cell : cell.trim())
    cell = ''
    wasQuoted = false
  }
  const endRow = (): void => {
    endCell()
    if (cells.some((value) => value !== '')) rows.push({ line: startedAt, cells })
    cells = []
  }
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] as string
    if (char === '\n') line += 1
    if (quoted) {
      if (char !== '"') cell += char
      else if (text[i + 1] === '"') {
        cell += '"'
        i += 1
      } else quoted = false
    } else if (char === '"' && cell.trim() === '') {
      cell = ''
      quoted = true
      wasQuoted = true
    } else if (char === separator) endCell()
    else if (char === '\n' || (char === '\r' && text[i + 1] !== '\n')) {
      endRow()
      startedAt = line
    } else if (char !== '\r') cell += char
  }
  endRow()
  return rows
}

function separatorOf(text: string): string {
  const head = text.split(/[\r\n]/, 1)[0] ?? ''
  const count = (separator: string): number => head.split(separator).length
  return SEPARATORS.reduce((best, separator) => (count(separator) > count(best) ? separator : best))
}

/** What makes a spreadsheet compute a cell instead of showing it (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r]/

/** A row for a person's spreadsheet: text that could be a formula is made text. */
export const csvLine = (cells: readonly (string | number)[]): string =>
  `${cells.map((cell) => quote(typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : String(cell))).join(',')}\r\n`

const quote = (cell: string): string => (/[",\r\n;]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
