/** Columns of a device table, and the names that people give them. */
export const COLUMNS = {
  id: ['device', 'deviceid', '设备编号', '设备号', '编号'],
  kind: ['type', '类型', '设备类型'],
  name: ['名称', '设备名称'],
  place: ['位置', '安装位置', '地点'],
  gateway: ['网关', '网关编号'],
  lon: ['lng', 'longitude', '经度'],
  lat: ['latitude', '纬度'],
  model: ['型号'],
  rhythm_s: ['rhythm', '上报周期', '上报周期(秒)'],
  secret: ['密钥'],
  datum: ['坐标系'],
} as const
export type Column = keyof typeof COLUMNS

export interface Header {
  /** Where each known column stands. */
  readonly at: ReadonlyMap<Column, number>
  readonly ignored: readonly string[]
  /** Why the table cannot be read at all. */
  readonly faults: readonly string[]
}

export function readHeader(cells: readonly string[]): Header {
  const at = new Map<Column, number>()
  const ignored: string[] = []
  const faults: string[] = []
  for (const [i, title] of cells.entries()) {
    const column = columnOf(title)
    if (column === undefined) {
      if (title !== '') ignored.push(title)
    } else if (at.has(column)) faults.push(`the column "${column}" is there twice`)
    else at.set(column, i)
  }
  for (const needed of ['id', 'kind'] as const)
    if (!at.has(needed)) faults.push(`the first line must name a column "${needed}"`)
  return { at, ignored, faults }
}

function columnOf(title: string): Column | undefined {
  const plain = title.trim().toLowerCase()
  for (const [column, names] of Object.entries(COLUMNS))
    if (plain === column || (names as readonly string[]).includes(plain)) return column as Column
  return undefined
}
