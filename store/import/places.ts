import type { Place } from '../../contract/api.ts'
import { PLACE_KINDS } from '../../contract/places.ts'
import type { Registry } from '../state/registry-port.ts'
import { readCount, readTableId, readText, readWord } from './fields.ts'
import { type ImportPlan, planOf } from './outcome.ts'
import { readPosition } from './position.ts'
import { type ReadRow, readRows } from './read-rows.ts'
import type { RowFault } from './row-fault.ts'
import { readTable } from './table.ts'

export const PLACE_COLUMNS = {
  id: ['place', '编号', '地点编号', '位置编号'],
  kind: ['type', '类型', '级别', '地点类型'],
  name: ['名称', '名字', '地点名称'],
  parent: ['in', '上级', '上级编号', '所属', '所在'],
  beds: ['床位数', '床位'],
  lon: ['lng', 'longitude', '经度'],
  lat: ['latitude', '纬度'],
  datum: ['坐标系'],
  contact: ['phone', '联系电话', '值班电话', '联系人'],
} as const

/** More beds than this do not stand in one room. */
const MOST_BEDS = 50

/** What a row says of a place; undefined: it says nothing, so what is known stays. */
interface PlaceRow {
  readonly kind: Place['kind']
  readonly name: string | undefined
  readonly parent: string | undefined
  readonly position: { readonly lon: number; readonly lat: number } | undefined
  readonly contact: string | undefined
  /** Of a room: beds 1 to this lie in it. */
  readonly beds: number | undefined
}

/**
 * Places from counties down to beds, in any order: a row names the place it lies in, in the table or known already. A
 * room with a number of beds brings its beds with it.
 * @throws UnreadableTable
 */
export async function planPlaces(registry: Registry, bytes: Uint8Array, name: string): Promise<ImportPlan> {
  const { header, rows } = await readTable(bytes, name, PLACE_COLUMNS, ['id', 'kind'])
  const read = await readRows<keyof typeof PLACE_COLUMNS, PlaceRow | undefined>(rows, header.at, (cells) => {
    const kind = cells.take('kind', readWord(cells.text('kind'), PLACE_KINDS, { en: 'the kind', zh: '类型' }))
    const beds = cells.given('beds', (text) => readCount(text, MOST_BEDS))
    if (beds !== undefined && kind !== undefined && !PLACE_KINDS.bed.in.includes(kind))
      cells.blame('beds', 'only a room or a dwelling has beds', '只有房间或住户可以填写床位数')
    const row = {
      name: cells.given('name', (text) => readText(text, 'the name')),
      parent: cells.given('parent', readTableId),
      position: readPosition(cells),
      contact: cells.given('contact', (text) => readText(text, 'the contact')),
      beds,
    }
    return kind === undefined ? undefined : { kind, ...row }
  })
  const known = new Map((await registry.places()).map((place) => [place.id, place]))
  const faultyLines = new Map(rows.map(({ line, cells }) => [(cells[header.at.get('id') ?? -1] ?? '').trim(), line]))
  const tree = new Tree(known, read.rows, faultyLines)
  const items = tree.grow()
  return planOf({
    items,
    known,
    faults: [...read.faults, ...tree.faults].toSorted((a, b) => a.row - b.row),
    ignored: header.ignored,
    put: (places) => registry.putPlaces(places),
  })
}

/** What is known with what the table says laid over it: whatever lies in something comes behind it. */
class Tree {
  readonly faults: RowFault[] = []
  private readonly known: ReadonlyMap<string, Place>
  private readonly rows: ReadonlyMap<string, ReadRow<PlaceRow | undefined>>
  /** Every id of the table, also those whose row cannot be read. */
  private readonly lines: ReadonlyMap<string, number>
  private readonly items: { readonly line: number; readonly item: Place }[] = []
  /** By id; undefined: its row cannot be imported, or it is being looked at. */
  private readonly grown = new Map<string, Place | undefined>()

  constructor(
    known: ReadonlyMap<string, Place>,
    rows: readonly ReadRow<PlaceRow | undefined>[],
    lines: ReadonlyMap<string, number>,
  ) {
    this.known = known
    this.rows = new Map(rows.map((row) => [row.id, row]))
    this.lines = lines
  }

  grow(): readonly { readonly line: number; readonly item: Place }[] {
    for (const id of this.rows.keys()) this.place(id)
    // Beds last: a row of their own says more of them.
    for (const { id, line, value } of this.rows.values())
      if (value?.beds !== undefined && this.grown.get(id) !== undefined) this.makeBeds(id, value.beds, line)
    return this.items
  }

  private place(id: string): Place | undefined {
    if (this.grown.has(id)) return this.grown.get(id)
    const row = this.rows.get(id)
    if (row?.value === undefined) return this.lines.has(id) ? undefined : this.known.get(id)
    this.grown.set(id, undefined)
    const before = this.known.get(id)
    const parentId = row.value.parent ?? before?.parentId ?? null
    if (!this.fits(row, row.value, parentId)) return undefined
    const place: Place = {
      id,
      parentId,
      kind: row.value.kind,
      name: row.value.name ?? before?.name ?? id,
      lon: row.value.position?.lon ?? before?.lon ?? null,
      lat: row.value.position?.lat ?? before?.lat ?? null,
      contact: row.value.contact ?? before?.contact ?? null,
    }
    this.grown.set(id, place)
    this.items.push({ line: row.line, item: place })
    return place
  }

  private fits({ row, line, id }: ReadRow<unknown>, { kind }: PlaceRow, parentId: string | null): boolean {
    const blame = (reason: string, reasonZh: string): false => {
      this.faults.push({ row, line, column: 'parent', reason, reasonZh })
      return false
    }
    const { en, zh, in: allowed } = PLACE_KINDS[kind]
    const where = allowed.flatMap((one) => (one === null ? [] : [one]))
    const [listEn, listZh] = [where.join(', '), where.map((one) => PLACE_KINDS[one].zh).join('、')]
    if (parentId === null)
      return (
        allowed.includes(null) ||
        blame(`a ${en.toLowerCase()} lies in a ${listEn}: name it`, `${zh}须写明所在的${listZh}`)
      )
    const parentKind = this.rows.get(parentId)?.value?.kind ?? this.known.get(parentId)?.kind
    const parentLine = this.lines.get(parentId)
    if (parentKind === undefined && parentLine === undefined)
      return blame(`there is no place "${parentId}"`, `没有编号为“${parentId}”的地点`)
    // Before anything above is looked at: the kinds have an order, so that no table leads up and up without end.
    if (parentKind !== undefined && !allowed.includes(parentKind))
      return blame(
        `a ${en.toLowerCase()} lies in a ${listEn}, but ${parentId} is a ${parentKind}`,
        `${zh}应在${listZh}之内,而 ${parentId} 是${PLACE_KINDS[parentKind].zh}`,
      )
    if (this.place(parentId) === undefined)
      return blame(
        `${parentId}, which it lies in (line ${parentLine}), cannot be imported`,
        `它所在的 ${parentId}(第 ${parentLine} 行)无法导入`,
      )
    return !this.isAbove(id, parentId) || blame(`${parentId} lies in ${id} itself`, `${parentId} 就在 ${id} 里面`)
  }

  /** Whether one comes from `below` up to `id`, as the table would have it. */
  private isAbove(id: string, below: string): boolean {
    const seen = new Set<string>()
    for (let at: string | null = below; at !== null && !seen.has(at); ) {
      if (at === id) return true
      seen.add(at)
      at = this.rows.get(at)?.value?.parent ?? this.known.get(at)?.parentId ?? null
    }
    return false
  }

  private makeBeds(roomId: string, beds: number, line: number): void {
    for (let n = 1; n <= beds; n++) {
      const id = `${roomId}-${n}`
      const before = this.known.get(id)
      if (this.lines.has(id) || (before !== undefined && before.kind !== 'bed')) continue
      const fresh = { id, parentId: roomId, kind: 'bed', name: `${n}床`, lon: null, lat: null, contact: null } as const
      this.items.push({ line, item: before ?? fresh })
    }
  }
}
