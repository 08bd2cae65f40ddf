import type { Kind } from '../../contract/kinds.ts'
import type { CsvRow } from '../../store/import/csv.ts'
import { toWgs84 } from '../../store/import/datum.ts'
import { readDegrees, readText } from '../../store/import/fields.ts'
import type { RowFault } from '../../store/import/row-fault.ts'
import type { Identity } from '../../store/state/registry-port.ts'
import { type Read, readGbAddress, readId, readIdentity, readKind, readNetworks, readRhythm } from '../device-fields.ts'
import { faultOfSecret } from '../secret.ts'
import type { DeviceColumn } from './columns.ts'

/** What a row says of a device; undefined: it says nothing, so what is known stays. */
export interface DeviceRow {
  readonly row: number
  readonly line: number
  readonly id: string
  readonly kind: Kind
  readonly name: string | undefined
  readonly model: string | undefined
  readonly place: string | undefined
  readonly gateway: string | undefined
  readonly lon: number | undefined
  readonly lat: number | undefined
  readonly rhythmS: number | undefined
  readonly secret: string | undefined
  readonly identity: Identity | undefined
  readonly gbAddress: number | undefined
  readonly gbFrom: readonly string[] | undefined
}

/** What is asked of the registry. */
export interface Registered {
  /** Of ids that the table itself does not hold. */
  readonly isGateway: (id: string) => Promise<boolean>
  /** Which device has the GB/T 26875.3 address. */
  readonly ownerOf: (gbAddress: number) => Promise<string | undefined>
}

/** Reads every row on its own: one bad row costs that row only. */
export async function readDeviceRows(
  rows: readonly CsvRow[],
  at: ReadonlyMap<DeviceColumn, number>,
  { isGateway, ownerOf }: Registered,
): Promise<{ readonly devices: readonly DeviceRow[]; readonly faults: readonly RowFault[] }> {
  const faults: RowFault[] = []
  const read: DeviceRow[] = []
  const lineOfId = new Map<string, number>()
  const lineOfAddress = new Map<number, number>()
  for (const [i, row] of rows.entries()) {
    const device = readRow(row, i + 1, at, faults)
    if (device === undefined) continue
    const before = lineOfId.get(device.id)
    const shared = await whoHas(device, lineOfAddress, ownerOf)
    if (before === undefined && shared !== undefined)
      faults.push({ row: i + 1, line: row.line, column: 'gb_address', reason: shared })
    else if (before === undefined) {
      lineOfId.set(device.id, row.line)
      if (device.gbAddress !== undefined) lineOfAddress.set(device.gbAddress, row.line)
      read.push(device)
    } else {
      const reason = `${device.id} stands already in line ${before}`
      faults.push({ row: i + 1, line: row.line, column: 'id', reason })
    }
  }
  const inTable = new Map(read.map((device) => [device.id, device.kind]))
  const devices: DeviceRow[] = []
  for (const device of read) {
    const { row, line, gateway } = device
    if (gateway === undefined) devices.push(device)
    else if (inTable.has(gateway) ? inTable.get(gateway) === 'gateway' : await isGateway(gateway)) devices.push(device)
    else faults.push({ row, line, column: 'gateway', reason: `there is no gateway "${gateway}"` })
  }
  return { devices, faults: faults.toSorted((a, b) => a.row - b.row) }
}

/** Why the row may not have its address: in a sentence that names who does. */
async function whoHas(
  { id, gbAddress }: DeviceRow,
  lineOfAddress: ReadonlyMap<number, number>,
  ownerOf: Registered['ownerOf'],
): Promise<string | undefined> {
  if (gbAddress === undefined) return undefined
  const line = lineOfAddress.get(gbAddress)
  if (line !== undefined) return `the address ${gbAddress} stands already in line ${line}`
  const owner = await ownerOf(gbAddress)
  return owner === undefined || owner === id ? undefined : `the address ${gbAddress} is that of ${owner}`
}

function readRow(
  { line, cells }: CsvRow,
  row: number,
  at: ReadonlyMap<DeviceColumn, number>,
  faults: RowFault[],
): DeviceRow | undefined {
  let good = true
  const blame = (column: DeviceColumn, reason: string): undefined => {
    good = false
    faults.push({ row, line, column, reason })
    return undefined
  }
  const text = (column: DeviceColumn): string => cells[at.get(column) ?? -1] ?? ''
  const take = <T>(column: DeviceColumn, read: (text: string) => Read<T>): T | undefined => {
    const value = text(column)
    if (value === '') return undefined
    const result = read(value)
    return result.ok ? result.value : blame(column, result.fault)
  }

  if (text('id') === '') return blame('id', 'the id is empty')
  const id = take('id', readId)
  const kind = text('kind') === '' ? blame('kind', 'the kind is empty') : take('kind', readKind)
  const givenLon = take('lon', (value) => readDegrees(value, 'lon'))
  const givenLat = take('lat', (value) => readDegrees(value, 'lat'))
  if ((text('lon') === '') !== (text('lat') === '')) blame('lon', 'longitude and latitude belong together')
  const position = toWgs84(text('datum'), givenLon, givenLat)
  if (position === 'unknown datum')
    blame(
      'datum',
      `"${text('datum')}" is not a known coordinate system: write wgs84, gcj02 (Amap, Tencent) or bd09 (Baidu)`,
    )
  const { lon, lat } = position === 'unknown datum' ? {} : position
  const secret = text('secret')
  const secretFault = secret === '' ? undefined : faultOfSecret(secret)
  if (secretFault !== undefined) blame('secret', secretFault)
  const identity = take('identity', readIdentity)
  if (secret !== '' && identity !== undefined && identity !== 'secret')
    blame('secret', `a device with the identity ${identity} has no secret of its own`)
  const gbAddress = take('gb_address', readGbAddress)
  if (gbAddress !== undefined && kind !== undefined && kind !== 'fire-panel')
    blame('gb_address', `a GB/T 26875.3 address belongs to a fire-panel, and this is a ${kind}`)
  const fields = {
    gbAddress,
    gbFrom: take('gb_from', readNetworks),
    name: take('name', (value) => readText(value, 'the name')),
    model: take('model', (value) => readText(value, 'the model')),
    place: take('place', (value) => readText(value, 'the place')),
    gateway: take('gateway', readId),
    rhythmS: take('rhythm_s', readRhythm),
    lon,
    lat,
    secret: secret === '' ? undefined : secret,
    // A secret that stands in the table says which identity it is.
    identity: identity ?? (secret === '' ? undefined : ('secret' as const)),
  }
  return good && id !== undefined && kind !== undefined ? { row, line, id, kind, ...fields } : undefined
}
