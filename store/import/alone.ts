import {
  ALONE_RULE,
  type AloneContact,
  CITY_RULE,
  inStages,
  type RULE_NAMES,
  STAGES,
  type Stage,
} from '../../contract/alone.ts'
import type { AloneWatches, WatchToPut } from '../state/alone-port.ts'
import type { Registry } from '../state/registry-port.ts'
import type { Residents } from '../state/residents-port.ts'
import { type Field, readPhone, readText } from './fields.ts'
import { type ImportPlan, planOf } from './outcome.ts'
import { type Cells, readRows } from './read-rows.ts'
import { readTable } from './table.ts'

export const ALONE_COLUMNS = {
  id: ['meter', 'device', '水表', '水表编号', '设备编号', '编号'],
  place: ['dwelling', '住址', '住所', '地点'],
  resident: ['person', '老人', '老人编号', '住户编号'],
  no_use_litres: ['少用水升数', '用水下限'],
  no_use_hours: ['少用水小时', '判定小时'],
  over_use_litres: ['多用水升数', '用水上限'],
  family: ['家属', '家属姓名'],
  family_phone: ['家属电话'],
  nearby: ['neighbour', 'cadre', '邻居', '村干部', '邻居或村干部'],
  nearby_phone: ['neighbour_phone', 'cadre_phone', '邻居电话', '村干部电话'],
  visit: ['visitor', '上门', '上门人员'],
  visit_phone: ['visitor_phone', '上门电话', '上门人员电话'],
} as const
type Column = keyof typeof ALONE_COLUMNS

const RULE_COLUMNS = {
  noUseLitres: 'no_use_litres',
  noUseHours: 'no_use_hours',
  overUseLitres: 'over_use_litres',
} as const satisfies Record<(typeof RULE_NAMES)[number], Column>

interface Row extends WatchToPut {
  readonly id: string
}

/**
 * Who is watched by which meter, whom to call. A table without a column leaves what is known of it; a stage's contacts are
 * replaced where its column is there.
 * @param mayName whether the caller may say who it is; else that column is ignored
 * @throws UnreadableTable
 */
export async function planAlone(
  stores: { readonly alone: AloneWatches; readonly registry: Registry; readonly residents: Residents },
  bytes: Uint8Array,
  name: string,
  by: string,
  now: () => number,
  mayName = true,
): Promise<ImportPlan> {
  const { header, rows } = await readTable(bytes, name, ALONE_COLUMNS, ['id'])
  const at = new Map(header.at)
  const ignored = [...header.ignored]
  if (!mayName && at.delete('resident')) ignored.push('resident')
  const places = new Set((await stores.registry.places()).map(({ id }) => id))
  const known = new Map(
    (await stores.alone.all()).map(({ away: _, judgedFrom: __, ...watch }) => [
      watch.deviceId,
      { id: watch.deviceId, ...watch } satisfies Row,
    ]),
  )
  const meters = new Map<string, { readonly kind: string; readonly placeId: string | null }>()
  const residents = new Set<string>()
  for (const { cells } of rows) {
    const id = (cells[at.get('id') ?? -1] ?? '').trim()
    const device = await stores.registry.find(id)
    if (device !== undefined) meters.set(id, device)
    const resident = (cells[at.get('resident') ?? -1] ?? '').trim()
    if (resident !== '' && (await stores.residents.find(resident)) !== undefined) residents.add(resident)
  }
  const read = await readRows<Column, Row>(rows, at, (cells, id) => {
    const before = known.get(id)
    const meter = meters.get(id)
    if (id !== '' && meter === undefined)
      cells.blame('id', `there is no device "${id}"; add it first`, `没有编号为“${id}”的设备,请先登记`)
    else if (meter !== undefined && meter.kind !== 'water-meter')
      cells.blame('id', `${id} is no household water meter`, `${id} 不是户用水表`)
    const placeId = cells.text('place') || before?.placeId || meter?.placeId || ''
    if (!places.has(placeId))
      cells.blame(
        'place',
        placeId === '' ? 'the meter is at no place: name the dwelling' : `there is no place "${placeId}"; add it first`,
        placeId === '' ? '水表没有所在地点,请填写住址编号' : `没有编号为“${placeId}”的地点,请先导入`,
      )
    const resident = cells.text('resident')
    if (resident !== '' && !residents.has(resident))
      cells.blame(
        'resident',
        `there is no resident "${resident}"; add them first`,
        `没有编号为“${resident}”的住户,请先导入`,
      )
    return {
      id,
      deviceId: id,
      placeId,
      residentId: at.has('resident') ? (resident === '' ? null : resident) : (before?.residentId ?? null),
      rule: readRule(cells, before?.rule ?? CITY_RULE),
      contacts: [...readContacts(cells, at, before?.contacts ?? [])],
    }
  })
  return planOf({
    items: read.rows.map(({ line, value }) => ({ line, item: value })),
    known,
    faults: read.faults,
    ignored,
    put: (watches) =>
      stores.alone.put(
        watches.map(({ id: _, ...watch }) => watch),
        by,
        now(),
      ),
  })
}

function readRule(cells: Cells<Column>, before: WatchToPut['rule']): WatchToPut['rule'] {
  const rule = { ...before }
  for (const [name, column] of Object.entries(RULE_COLUMNS) as [keyof typeof RULE_COLUMNS, Column][])
    rule[name] = cells.given(column, (text) => readBetween(text, ALONE_RULE[name])) ?? rule[name]
  return rule
}

function readBetween(
  text: string,
  { min, max, unit }: { readonly min: number; readonly max: number; readonly unit: string },
): Field<number> {
  const value = Number(text)
  if (Number.isFinite(value) && value >= min && value <= max) return { ok: true, value }
  return {
    ok: false,
    fault: `"${text}" is no number from ${min} to ${max} ${unit}`,
    faultZh: `“${text}”不是 ${min} 到 ${max} 之间的数(${unit === 'l' ? '升' : '小时'})`,
  }
}

function readContacts(
  cells: Cells<Column>,
  at: ReadonlyMap<Column, number>,
  before: readonly AloneContact[],
): readonly AloneContact[] {
  const contacts: AloneContact[] = []
  for (const stage of Object.keys(STAGES) as Stage[]) {
    if (!at.has(stage)) {
      contacts.push(...before.filter((contact) => contact.stage === stage))
      continue
    }
    const name = cells.take(stage, readText(cells.text(stage), 'the name')) ?? ''
    const phone = cells.take(`${stage}_phone`, readPhone(cells.text(`${stage}_phone`))) ?? ''
    if (name !== '') contacts.push({ stage, name, phone, minutes: STAGES[stage].minutes })
    else if (phone !== '') cells.blame(stage, 'a telephone number without a name', '有电话但没有姓名')
  }
  return inStages(contacts)
}
