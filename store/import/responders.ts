import { RESPONDER_KINDS, type Responder } from '../../contract/homes.ts'
import type { Homes } from '../state/homes-port.ts'
import type { Registry } from '../state/registry-port.ts'
import { readCount, readPhone, readText, readWord } from './fields.ts'
import { type ImportPlan, planOf } from './outcome.ts'
import { readPosition } from './position.ts'
import { readRows } from './read-rows.ts'
import { readTable } from './table.ts'

export const RESPONDER_COLUMNS = {
  id: ['responder', '编号', '队伍编号'],
  kind: ['type', '类型', '类别'],
  name: ['名称', '姓名', '队伍名称'],
  phone: ['电话', '联系电话', '手机', '值班电话'],
  lon: ['lng', 'longitude', '经度'],
  lat: ['latitude', '纬度'],
  datum: ['坐标系'],
  serves: ['place', '服务对象', '服务地点', '负责地点'],
  engines: ['消防车', '车辆数', '消防车辆数'],
} as const

/** All engines of a big city's brigade. */
const MOST_ENGINES = 1000

/**
 * Who can be sent. Whoever serves one place only may have no position: then they are taken to be there.
 * @throws UnreadableTable
 */
export async function planResponders(
  homes: Homes,
  registry: Registry,
  bytes: Uint8Array,
  name: string,
): Promise<ImportPlan> {
  const { header, rows } = await readTable(bytes, name, RESPONDER_COLUMNS, ['id', 'kind', 'name'])
  const places = new Set((await registry.places()).map(({ id }) => id))
  const known = new Map((await homes.responders()).map((one) => [one.id, one]))
  const read = await readRows<keyof typeof RESPONDER_COLUMNS, Responder>(rows, header.at, (cells, id) => {
    const before = known.get(id)
    const kind = cells.take('kind', readWord(cells.text('kind'), RESPONDER_KINDS, { en: 'the kind', zh: '类型' }))
    if (cells.text('name') === '') cells.blame('name', 'the name is empty', '名称为空')
    const serves = header.at.has('serves') ? cells.text('serves') : (before?.serves ?? '')
    if (serves !== '' && !places.has(serves))
      cells.blame('serves', `there is no place "${serves}"; add it first`, `没有编号为“${serves}”的地点,请先导入`)
    const position = readPosition(cells) ?? before
    if (serves === '' && (position?.lon ?? null) === null && cells.text('lon') === '')
      cells.blame('lon', 'a position is needed, or the one place that is served', '请填写位置,或填写只服务的那一个地点')
    return {
      id,
      kind: kind ?? 'volunteer',
      name: cells.take('name', readText(cells.text('name'), 'the name')) ?? '',
      phone: header.at.has('phone')
        ? (cells.take('phone', readPhone(cells.text('phone'))) ?? '')
        : (before?.phone ?? ''),
      lon: position?.lon ?? null,
      lat: position?.lat ?? null,
      serves: serves === '' ? null : serves,
      engines: cells.given('engines', (text) => readCount(text, MOST_ENGINES)) ?? before?.engines ?? 0,
    }
  })
  return planOf({
    items: read.rows.map(({ line, value }) => ({ line, item: value })),
    known,
    faults: read.faults,
    ignored: header.ignored,
    put: (responders) => homes.putResponders(responders),
  })
}
