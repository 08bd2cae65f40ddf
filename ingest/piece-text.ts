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

/** Thousandths are what meters report; a column with more decimals is kept word for word. */
const MILLI = 1000
/** A column is deltas of thousandths, or numbers of words in a list of its own. */
const DELTAS = 0
const WORDS = 1
const BYTE_BITS = 7
const BYTE = 128
/** A milli-unit beyond this loses digits in a double. */
const LARGEST = 2 ** 50
/** Ends the quantities' names, which stand before the bytes. */
const NAMES_END = ':'

/** One piece as text: a hundred quarter-hours of a register take about as many bytes. */
export function writePiece({ from, readings, each }: Piece): string {
  const out: number[] = []
  const { at, fields } = readings
  writeNumber(out, at[0]!)
  writeNumber(out, (at[0]! - from) * 2 + Number(each === true))
  writeNumber(out, at.length)
  writeRuns(
    out,
    at.slice(1).map((time, i) => time - at[i]!),
  )
  for (const { values } of fields) writeColumn(out, values)
  return `${fields.map(({ quantity }) => quantity).join(',')}${NAMES_END}${Buffer.from(out).toString('base64')}`
}

export function readPiece(text: string): Piece {
  const split = text.indexOf(NAMES_END)
  const input = new Input(Buffer.from(text.slice(split + 1), 'base64'))
  const first = input.number()
  const lead = input.number()
  const from = first - Math.floor(lead / 2)
  const count = input.number()
  const at = [first]
  for (const step of input.runs(count - 1)) at.push(at[at.length - 1]! + step)
  const names = text.slice(0, split).split(',').filter(isKnown)
  const fields = names.map((quantity): Field => ({ quantity, values: readColumn(input, count) }))
  return { from, readings: { at, fields }, ...(lead % 2 === 1 ? { each: true as const } : {}) }
}

const isKnown = (name: string): name is Quantity => (QUANTITY_NAMES as readonly string[]).includes(name)

function writeColumn(out: number[], values: readonly (Value | null)[]): void {
  const thousandths = values.map((value) => (value === null ? null : toThousandths(value)))
  if (thousandths.every((value) => value !== undefined)) {
    out.push(DELTAS)
    writeRuns(
      out,
      values.map((value) => Number(value !== null)),
    )
    let last = 0
    const deltas: number[] = []
    for (const value of thousandths) {
      if (value === null) continue
      const delta = value - last
      deltas.push(delta < 0 ? -2 * delta - 1 : 2 * delta)
      last = value
    }
    writeSparse(out, deltas)
    return
  }
  out.push(WORDS)
  const words = values.map((value) => JSON.stringify(value))
  const list = [...new Set(words)]
  const bytes = Buffer.from(`[${list.join(',')}]`)
  writeNumber(out, bytes.length)
  for (const byte of bytes) out.push(byte)
  writeRuns(
    out,
    words.map((word) => list.indexOf(word)),
  )
}

function readColumn(input: Input, count: number): (Value | null)[] {
  if (input.byte() === DELTAS) {
    const present = input.runs(count)
    const deltas = input.sparse(present.reduce((sum, is) => sum + is, 0))
    let last = 0
    let next = 0
    return present.map((is) => {
      if (is === 0) return null
      const coded = deltas[next++]!
      last += coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2
      return last / MILLI
    })
  }
  const list = JSON.parse(input.text(input.number())) as (Value | null)[]
  return input.runs(count).map((word) => list[word] ?? null)
}

/** Undefined: it would not come back the same. */
function toThousandths(value: Value): number | undefined {
  if (typeof value !== 'number') return undefined
  const whole = Math.round(value * MILLI)
  return whole / MILLI === value && Math.abs(whole) < LARGEST ? whole : undefined
}

/** Seven bits a byte, the least first; whole and not negative. */
function writeNumber(out: number[], value: number): void {
  let rest = value
  while (rest >= BYTE) {
    out.push((rest % BYTE) + BYTE)
    rest = Math.floor(rest / BYTE)
  }
  out.push(rest)
}

/** Each value with how often it follows itself. */
function writeRuns(out: number[], values: readonly number[]): void {
  for (let i = 0; i < values.length; ) {
    const value = values[i]!
    let end = i + 1
    while (end < values.length && values[end] === value) end++
    writeNumber(out, value)
    writeNumber(out, end - i)
    i = end
  }
}

/** Each value, and zeros (a register at night) as one zero and their number. */
function writeSparse(out: number[], values: readonly number[]): void {
  for (let i = 0; i < values.length; ) {
    const value = values[i]!
    writeNumber(out, value)
    i++
    if (value !== 0) continue
    const from = i
    while (i < values.length && values[i] === 0) i++
    writeNumber(out, i - from)
  }
}

class Input {
  private readonly bytes: Uint8Array
  private next = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  byte(): number {
    const byte = this.bytes[this.next++]
    if (byte === undefined) throw new Error('a piece of the tape ends early')
    return byte
  }

  number(): number {
    let value = 0
    let weight = 1
    for (;;) {
      const byte = this.byte()
      value += (byte % BYTE) * weight
      if (byte < BYTE) return value
      weight *= 2 ** BYTE_BITS
    }
  }

  runs(count: number): number[] {
    const values: number[] = []
    while (values.length < count) {
      const value = this.number()
      for (let times = this.number(); times > 0; times--) values.push(value)
    }
    return values
  }

  sparse(count: number): number[] {
    const values: number[] = []
    while (values.length < count) {
      const value = this.number()
      values.push(value)
      if (value === 0) for (let times = this.number(); times > 0; times--) values.push(0)
    }
    return values
  }

  text(length: number): string {
    const from = this.next
    this.next += length
    return Buffer.from(this.bytes.subarray(from, this.next)).toString()
  }
}
