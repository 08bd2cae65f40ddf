/** System types: GB/T 26875.3-2011 table 4. 2–9 and 25–127 are reserved, 128–255 are the user's own. */
export interface Term {
  readonly en: string
  readonly zh: string
}

const SYSTEM_TYPES: Readonly<Record<number, Term>> = {
  0: { en: 'General system', zh: '通用系统' },
  1: { en: 'Fire alarm system', zh: '火灾报警系统' },
  10: { en: 'Fire linkage controller', zh: '消防联动控制器' },
  11: { en: 'Hydrant system', zh: '消火栓系统' },
  12: { en: 'Sprinkler system', zh: '自动喷水灭火系统' },
  13: { en: 'Gas extinguishing system', zh: '气体灭火系统' },
  14: { en: 'Water spray system (pump)', zh: '水喷雾灭火系统(泵启动)' },
  15: { en: 'Water spray system (pressure vessel)', zh: '水喷雾灭火系统(压力容器启动)' },
  16: { en: 'Foam extinguishing system', zh: '泡沫灭火系统' },
  17: { en: 'Powder extinguishing system', zh: '干粉灭火系统' },
  18: { en: 'Smoke control system', zh: '防烟排烟系统' },
  19: { en: 'Fire doors and shutters', zh: '防火门及卷帘系统' },
  20: { en: 'Fire lift', zh: '消防电梯' },
  21: { en: 'Emergency broadcast', zh: '消防应急广播' },
  22: { en: 'Emergency lighting and evacuation signs', zh: '消防应急照明和疏散指示系统' },
  23: { en: 'Fire power supply', zh: '消防电源' },
  24: { en: 'Fire telephone', zh: '消防电话' },
}

const HYDRANT = 11
const SPRINKLER = 12
/** Whose parts measure or move water, whatever else is known of them. */
export const isWaterSystem = (type: number): boolean => type === HYDRANT || type === SPRINKLER

/** What a system is called; one that no table knows by its number. */
export const systemTerm = (type: number): Term =>
  SYSTEM_TYPES[type] ?? { en: `System of type ${type}`, zh: `${type}型系统` }
