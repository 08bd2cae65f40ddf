import { QUANTITY_NAMES, type Quantity, type Value } from '../contract/quantities.ts'
import type { Field, Readings } from '../contract/readings.ts'

/**
 * The readings of one upload, or of what is left of it between two others: what came with nothing missing in between that
 * another upload could still bring. `from` is where its upload began; a reading that is null here was asked for and is not
 * there.
 */
export interface Piece {
  readonly from: number
  readonly readings: Readings
  /** Every row was a message of its own. */
  readonly each?: true
}

/**
 * One piece as text: `v,f:` (volume, flow) and the bytes of its columns. A day of an hourly register takes some fifty bytes; a
 * city's meters write one each a day, so nothing is made on the way but the text.
 */
export function writePiece({ from, readings, each }: Piece): string {
  const { at, fields } = readings
  const first = at[0]!
  length = 0
  writeNumber(first)
  writeNumber((first - from) * 2 + Number(each === true))
  writeNumber(at.length)
  for (let i = 1; i < at.length; ) {
    const step = at[i]! - at[i - 1]!
    const start = i
    while (i < at.length && at[i]! - at[i - 1]! === step) i++
    writeNumber(step)
    writeNumber(i - start)
  }
  let names = ''
  for (let i = 0; i < fields.length; i++) {
    const { quantity, values } = fields[i]!
    const name = SHORT[quantity] ?? quantity
    names += i === 0 ? name : `,${name}`
    const start = length
    if (!writeThousandths(values)) {
      length = start
      writeWords(values)
    }
  }
  return `${names}${NAMES_END}${bytes.toString('base64', 0, length)}`
}

export function readPiece(text: string): Piece {
  const split = text.indexOf(NAMES_END)
  source = Buffer.from(text.slice(split + 1), 'base64')
  next = 0
  const first = readNumber()
  const lead = readNumber()
  const count = readNumber()
  const at = [first]
  let last = first
  while (at.length < count) {
    const step = readNumber()
    for (let times = readNumber(); times > 0; times--) {
      last += step
      at.push(last)
    }
  }
  const fields: Field[] = []
  for (const name of text.slice(0, split).split(',')) {
    const values = readNumber() === THOUSANDTHS ? readThousandths(count) : readWords(count)
    const quantity = LONG[name] ?? name
    if (isKnown(quantity)) fields.push({ quantity, values })
  }
  return {
    from: first - Math.floor(lead / 2),
    readings: { at, fields },
    ...(lead % 2 === 1 ? { each: true as const } : {}),
  }
}

const isKnown = (name: string): name is Quantity => (QUANTITY_NAMES as readonly string[]).includes(name)

/** What a meter says every day. Every other quantity stands by its own name. */
const SHORT: Partial<Record<Quantity, string>> = {
  volume: 'v',
  reverseVolume: 'r',
  flow: 'f',
  flags: 'g',
  pressure: 'p',
  temperature: 't',
  battery: 'b',
}
const LONG: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(SHORT).map(([quantity, name]) => [name, quantity]),
)
/** Ends the quantities' names. */
const NAMES_END = ':'
/** A column is deltas of thousandths, which is what meters report, or numbers of words in a list of its own. */
const THOUSANDTHS = 0
const WORDS = 1
const MILLI = 1000
/** Beyond it a number in thousandths loses digits in a double. */
const LARGEST = 2 ** 50
const BYTE = 128
/** A number takes eight of seven bits at the most. */
const ROOM = 8

let bytes = Buffer.alloc(4096)
let length = 0
let source: Uint8Array = bytes
let next = 0

function makeRoom(count: number): void {
  if (length + count <= bytes.length) return
  const larger = Buffer.alloc(2 * (length + count))
  bytes.copy(larger)
  bytes = larger
}

/** Seven bits a byte, the least first; whole and not negative. */
function writeNumber(value: number): void {
  makeRoom(ROOM)
  let rest = value
  while (rest >= BYTE) {
    bytes[length++] = (rest % BYTE) + BYTE
    rest = Math.floor(rest / BYTE)
  }
  bytes[length++] = rest
}

function readNumber(): number {
  let value = 0
  let weight = 1
  for (;;) {
    const byte = source[next++]
    if (byte === undefined) throw new Error('a piece of a tape ends early')
    if (byte < BYTE) return value + byte * weight
    value += (byte - BYTE) * weight
    weight *= BYTE
  }
}

/** Which rows have a value, as lengths of runs (the first of rows without); deltas, equal ones (a night) as a zero and how many. */
function writeThousandths(values: readonly (Value | null)[]): boolean {
  writeNumber(THOUSANDTHS)
  let present = false
  let run = 0
  for (let i = 0; i < values.length; i++) {
    if ((values[i] !== null) !== present) {
      writeNumber(run)
      run = 0
      present = !present
    }
    run++
  }
  writeNumber(run)
  let last = 0
  let still = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (value === null) continue
    if (typeof value !== 'number') return false
    const whole = Math.round(value * MILLI)
    if (whole / MILLI !== value || whole > LARGEST || whole < -LARGEST) return false
    const delta = whole - last
    last = whole
    if (delta === 0) {
      still++
      continue
    }
    if (still > 0) writeStill(still)
    still = 0
    writeNumber(delta < 0 ? -2 * delta - 1 : 2 * delta)
  }
  if (still > 0) writeStill(still)
  return true
}

function writeStill(count: number): void {
  writeNumber(0)
  writeNumber(count)
}

function readThousandths(count: number): (Value | null)[] {
  const values: (Value | null)[] = new Array(count).fill(null)
  const runs: number[] = []
  for (let rows = 0; rows < count; rows += runs[runs.length - 1]!) runs.push(readNumber())
  let row = 0
  let last = 0
  let still = 0
  for (let i = 0; i < runs.length; i++) {
    const end = row + runs[i]!
    if (i % 2 === 0) {
      row = end
      continue
    }
    for (; row < end; row++) {
      if (still === 0) {
        const coded = readNumber()
        if (coded === 0) still = readNumber()
        else last += coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2
      }
      if (still > 0) still--
      values[row] = last / MILLI
    }
  }
  return values
}

function writeWords(values: readonly (Value | null)[]): void {
  writeNumber(WORDS)
  const list: string[] = []
  const runs: number[] = []
  let last: Value | null | undefined
  for (const value of values) {
    // Most of a column of flags is null, or the same list again.
    if (value === last && runs.length > 0) {
      runs[runs.length - 1]!++
      continue
    }
    last = value
    const word = JSON.stringify(value)
    // 0: nothing.
    let number = value === null ? 0 : list.indexOf(word) + 1
    if (number === 0 && value !== null) number = list.push(word)
    runs.push(number, 1)
  }
  const text = `[${list.join(',')}]`
  const size = Buffer.byteLength(text)
  writeNumber(size)
  makeRoom(size)
  bytes.write(text, length)
  length += size
  for (const number of runs) writeNumber(number)
}

function readWords(count: number): (Value | null)[] {
  const size = readNumber()
  const list = JSON.parse(Buffer.from(source.subarray(next, next + size)).toString()) as (Value | null)[]
  next += size
  const values: (Value | null)[] = []
  while (values.length < count) {
    const number = readNumber()
    const word = number === 0 ? null : list[number - 1]!
    for (let times = readNumber(); times > 0; times--) values.push(word)
  }
  return values
}
