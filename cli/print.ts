/** Chinese, Japanese and Korean characters take two columns of a terminal (Unicode TR 11, wide and full width). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/

const width = (text: string): number => [...text].reduce((sum, char) => sum + (WIDE.test(char) ? 2 : 1), 0)

const pad = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - width(text)))

/** Writes a line to standard output. A name with control characters in it must not steer the terminal. */
export function print(line = ''): void {
  process.stdout.write(`${line.replaceAll(/\p{Cc}/gu, '\ufffd')}\n`)
}

export const printJson = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, i) => Math.max(width(title), ...rows.map((row) => width(row[i] ?? ''))))
  for (const row of [head, ...rows])
    print(
      row
        .map((cell, i) => pad(cell, widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
}

/** Facts, one per line, their values under each other; those without a value are left out. */
export function printFacts(facts: Readonly<Record<string, string | null>>): void {
  const given = Object.entries(facts).filter((fact): fact is [string, string] => fact[1] !== null && fact[1] !== '')
  const widest = Math.max(...given.map(([name]) => width(name)))
  for (const [name, value] of given) print(`  ${pad(name, widest)}  ${value}`)
}
