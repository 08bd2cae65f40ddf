import { DUTIES, type Staff } from '../../contract/homes.ts'
import type { Homes } from '../state/homes-port.ts'
import type { Registry } from '../state/registry-port.ts'
import { readClock, readDays, readPhone, readText, readWord } from './fields.ts'
import { type ImportPlan, planOf } from './outcome.ts'
import { readRows } from './read-rows.ts'
import { readTable } from './table.ts'

export const STAFF_COLUMNS = {
  id: ['staff', '编号', '工号'],
  place: ['home', '机构', '机构编号', '地点', '单位'],
  name: ['姓名', '名字'],
  duty: ['role', '岗位', '职务', '职责'],
  phone: ['电话', '联系电话', '手机'],
  from: ['上班', '上班时间', '开始', '开始时间'],
  to: ['下班', '下班时间', '结束', '结束时间'],
  days: ['星期', '值班日'],
} as const

/**
 * Who is on duty when. A table without a column leaves what is known of it; an empty cell in `days` is every day.
 * @throws UnreadableTable
 */
export async function planStaff(
  homes: Homes,
  registry: Registry,
  bytes: Uint8Array,
  name: string,
): Promise<ImportPlan> {
  const { header, rows } = await readTable(bytes, name, STAFF_COLUMNS, ['id', 'place', 'name', 'duty', 'from', 'to'])
  const places = new Set((await registry.places()).map(({ id }) => id))
  const known = new Map((await homes.staff()).map((one) => [one.id, one]))
  const read = await readRows<keyof typeof STAFF_COLUMNS, Staff>(rows, header.at, (cells, id) => {
    const placeId = cells.text('place')
    if (!places.has(placeId))
      cells.blame('place', `there is no place "${placeId}"; add it first`, `没有编号为“${placeId}”的地点,请先导入`)
    const who = cells.take('name', readText(cells.text('name'), 'the name')) ?? ''
    if (cells.text('name') === '') cells.blame('name', 'the name is empty', '姓名为空')
    const before = known.get(id)
    return {
      id,
      placeId,
      name: who,
      duty: cells.take('duty', readWord(cells.text('duty'), DUTIES, { en: 'the duty', zh: '岗位' })) ?? 'carer',
      phone: header.at.has('phone')
        ? (cells.take('phone', readPhone(cells.text('phone'))) ?? '')
        : (before?.phone ?? ''),
      from: cells.take('from', readClock(cells.text('from'))) ?? '',
      to: cells.take('to', readClock(cells.text('to'))) ?? '',
      days: header.at.has('days') ? (cells.take('days', readDays(cells.text('days'))) ?? []) : (before?.days ?? []),
    }
  })
  return planOf({
    items: read.rows.map(({ line, value }) => ({ line, item: value })),
    known,
    faults: read.faults,
    ignored: header.ignored,
    put: (staff) => homes.putStaff(staff),
  })
}
