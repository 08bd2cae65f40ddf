import { HEALTH_NEED_NAMES, HEALTH_NEEDS, type HealthNeed, type Resident } from '../../contract/residents.ts'
import type { CsvRow } from '../../store/import/csv.ts'
import { readText } from '../../store/import/fields.ts'
import type { RowFault } from '../../store/import/row-fault.ts'
import type { Read } from '../device-fields.ts'
import type { ResidentColumn } from './columns.ts'

/** A resident's number in the home's own list: what makes the same table a second time the same people. */
const ID = /^[\p{L}\p{N}][\p{L}\p{N}._/-]{0,63}$/u
/** What a phone number is written with. */
const PHONE = /^\+?[\d][\d ()/-]{2,30}$/
/** Between two needs in one cell. */
const BETWEEN = /[,;、,;/|]+/

/** Reads every row on its own: one bad row costs that row only. */
export function readResidentRows(
  rows: readonly CsvRow[],
  at: ReadonlyMap<ResidentColumn, number>,
  isPlace: (id: string) => boolean,
): { readonly residents: readonly Resident[]; readonly faults: readonly RowFault[] } {
  const faults: RowFault[] = []
  const residents: Resident[] = []
  const lineOfId = new Map<string, number>()
  for (const [i, { line, cells }] of rows.entries()) {
    const row = i + 1
    const before = faults.length
    const blame = (column: ResidentColumn, reason: string): void => {
      faults.push({ row, line, column, reason })
    }
    const cell = (column: ResidentColumn): string => (cells[at.get(column) ?? -1] ?? '').trim()
    const take = <T>(column: ResidentColumn, read: Read<T>, otherwise: T): T => {
      if (read.ok) return read.value
      blame(column, read.fault)
      return otherwise
    }
    const id = cell('id').normalize('NFC')
    if (id === '') blame('id', 'the id is empty')
    else if (!ID.test(id)) blame('id', `"${id}" cannot be an id: use 1 to 64 letters, digits and . _ / -`)
    const known = lineOfId.get(id)
    if (known !== undefined) blame('id', `${id} stands already in line ${known}`)
    else lineOfId.set(id, line)
    const placeId = cell('place')
    if (placeId === '') blame('place', 'the place is empty')
    // In a fire nobody would be told of a person at a place that no alarm can come from.
    else if (!isPlace(placeId))
      blame('place', `there is no place "${placeId}"; add it first: place add ${placeId} --kind home`)
    const name = take('name', readText(cell('name'), 'the name'), '')
    if (cell('name') === '') blame('name', 'the name is empty')
    const phone = cell('relative_phone')
    if (phone !== '' && !PHONE.test(phone)) blame('relative_phone', `"${phone}" is no telephone number`)
    const resident: Resident = {
      id,
      placeId,
      name,
      room: take('room', readText(cell('room'), 'the room'), ''),
      relativePhone: phone === '' ? null : phone,
      health: take('health', readNeeds(cell('health')), []),
      note: take('note', readText(cell('note'), 'the note'), ''),
    }
    if (faults.length === before) residents.push(resident)
  }
  return { residents, faults }
}

/** Needs by their names in the contract, or in English or Chinese as the console shows them. */
function readNeeds(text: string): Read<HealthNeed[]> {
  const needs = new Set<HealthNeed>()
  for (const word of text.split(BETWEEN).map((part) => part.trim())) {
    if (word === '') continue
    const need = needOf(word)
    if (need === undefined)
      return {
        ok: false,
        fault: `"${word}" is not known; write ${HEALTH_NEED_NAMES.map((one) => `${one} (${shortZh(one)})`).join(', ')}, and anything else into note`,
      }
    needs.add(need)
  }
  return { ok: true, value: [...needs] }
}

/** "卧床,需抬运" is also written "卧床". */
const shortZh = (need: HealthNeed): string => HEALTH_NEEDS[need].zh.split(/[,,]/, 1)[0] ?? ''
const shortEn = (need: HealthNeed): string => (HEALTH_NEEDS[need].en.split(':', 1)[0] ?? '').toLowerCase()

function needOf(word: string): HealthNeed | undefined {
  const plain = word.toLowerCase()
  return HEALTH_NEED_NAMES.find(
    (need) => need.toLowerCase() === plain || shortZh(need) === word || shortEn(need) === plain,
  )
}
