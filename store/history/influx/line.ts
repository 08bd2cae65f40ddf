import { escape as escaped } from '@influxdata/influxdb-client'
import type { Quantity, Value } from '../../../contract/quantities.ts'
import { mergeMessages } from '../merge.ts'
import type { HistoryMessage } from '../port.ts'

/**
 * How readings lie in InfluxDB: measurement `reading`, tags `device` and `kind`, one field per quantity, times in ms. What
 * a device measures at the same time shares a point. Numbers are floats, states booleans, words strings, lists of words
 * strings of JSON.
 */
export const MEASUREMENT = 'reading'

/** InfluxDB asks for 5,000 to 10,000 points a request, and version 3 takes no more than 10 MB. */
const CHUNK_POINTS = 10_000
const CHUNK_BYTES = 4 * 1024 * 1024

/** One point of a message: the readings of these quantities in row `row`. */
export interface Line {
  readonly text: string
  readonly message: HistoryMessage
  readonly row: number
  readonly quantities: readonly Quantity[]
}

/** Points that travel together, as text; as lines only where something is wrong, for a city's day is 28.5 million. */
export class Chunk {
  readonly texts: string[] = []
  private readonly messages: HistoryMessage[] = []
  private readonly rows: number[] = []
  private bytes = 0

  get isFull(): boolean {
    return this.texts.length >= CHUNK_POINTS || this.bytes >= CHUNK_BYTES
  }

  add(text: string, message: HistoryMessage, row: number): void {
    this.texts.push(text)
    this.messages.push(message)
    this.rows.push(row)
    // Ids, kinds, quantities and words are ASCII.
    this.bytes += text.length + 1
  }

  lines(): Line[] {
    return this.texts.map((text, i) => {
      const message = this.messages[i] as HistoryMessage
      const row = this.rows[i] as number
      const quantities = message.readings.fields.flatMap(({ quantity, values }) =>
        isThere(values[row]) ? [quantity] : [],
      )
      return { text, message, row, quantities }
    })
  }
}

/**
 * Messages as line protocol, in chunks. Several messages of a device become one set of points: of what it says twice for
 * the same time the later word is sent alone, so that the chunks of one call may arrive in any order.
 */
export function* chunksOf(messages: readonly HistoryMessage[]): Generator<Chunk> {
  let chunk = new Chunk()
  for (const message of mergeMessages(messages)) {
    const { at, fields } = message.readings
    const head = headOf(message)
    const names = fields.map(({ quantity }) => `${quantity}=`)
    for (let row = 0; row < at.length; row++) {
      let text = ''
      for (let i = 0; i < names.length; i++) {
        const value = fields[i]?.values[row]
        if (isThere(value)) text += (text === '' ? '' : ',') + names[i] + fieldOf(value)
      }
      if (text === '') continue
      chunk.add(`${head}${text} ${at[row]}`, message, row)
      if (chunk.isFull) {
        yield chunk
        chunk = new Chunk()
      }
    }
  }
  if (chunk.texts.length > 0) yield chunk
}

/** The readings of a point, each as a point of its own: a bad one must not take its neighbours with it. */
export function singleReadings(line: Line): Line[] {
  if (line.quantities.length === 1) return [line]
  const { message, row } = line
  const head = headOf(message)
  return message.readings.fields.flatMap(({ quantity, values }) => {
    const value = values[row]
    if (!isThere(value) || !line.quantities.includes(quantity)) return []
    const text = `${head}${quantity}=${fieldOf(value)} ${message.readings.at[row]}`
    return [{ text, message, row, quantities: [quantity] }]
  })
}

/** What stands for the kind of a device that is no longer registered: version 3 refuses a point without all of its tags. */
const NO_KIND = 'unknown'

/** `reading,device=…,kind=… `. A device id holds neither a backslash nor a line break (`isDeviceId`). */
const headOf = ({ deviceId, kind }: HistoryMessage): string =>
  `${MEASUREMENT},device=${escaped.tag(deviceId)},kind=${escaped.tag(kind ?? NO_KIND)} `

const isThere = (value: Value | null | undefined): value is Value => value !== null && value !== undefined

function fieldOf(value: Value): string {
  switch (typeof value) {
    case 'number':
      // A number's own text has no sign on the zero below zero.
      return value === 0 && 1 / value < 0 ? '-0' : String(value)
    case 'boolean':
      return value ? 'T' : 'F'
    case 'string':
      return escaped.quoted(value)
    default:
      return escaped.quoted(JSON.stringify(value))
  }
}

/** A field as InfluxQL answers it, as the value that was written; undefined where it is none of this quantity. */
export function readField(field: unknown, isList: boolean): Value | undefined {
  if (typeof field === 'number' || typeof field === 'boolean') return field
  if (typeof field !== 'string') return undefined
  if (!isList) return field
  const list: unknown = JSON.parse(field)
  return Array.isArray(list) && list.every((word) => typeof word === 'string') ? list : undefined
}
