import { z } from 'zod'

/** An alarm is one condition of one source. Severity and life cycle follow ISA-18.2 and ThingsBoard's names. */
export const SEVERITIES = ['CRITICAL', 'MAJOR', 'MINOR', 'WARNING'] as const
export type Severity = (typeof SEVERITIES)[number]

/** Smaller is worse. */
export const severityRank = (severity: Severity): number => SEVERITIES.indexOf(severity)

/** *Active* and *acknowledged* are two independent facts. */
export const ALARM_STATES = ['ACTIVE_UNACK', 'ACTIVE_ACK', 'CLEARED_UNACK', 'CLEARED_ACK'] as const
export type AlarmState = (typeof ALARM_STATES)[number]

export const DISPOSITIONS = ['real', 'false', 'test', 'drill', 'unknown'] as const
export type Disposition = (typeof DISPOSITIONS)[number]

export interface AlarmTypeFacts {
  readonly group: 'fire' | 'care' | 'water' | 'device'
  readonly severity: Severity
  readonly en: string
  readonly zh: string
  /** The first thing a dispatcher does, in both languages. */
  readonly doEn: string
  readonly doZh: string
}

export const ALARM_TYPES = {
  smoke: {
    group: 'fire',
    severity: 'CRITICAL',
    en: 'Smoke',
    zh: '烟雾报警',
    doEn: 'Call the home, send staff to look',
    doZh: '联系机构,派人查看',
  },
  heat: {
    group: 'fire',
    severity: 'CRITICAL',
    en: 'Heat rise',
    zh: '温升报警',
    doEn: 'Call the home, send staff to look',
    doZh: '联系机构,派人查看',
  },
  co: {
    group: 'fire',
    severity: 'CRITICAL',
    en: 'Carbon monoxide',
    zh: '一氧化碳报警',
    doEn: 'Get people out, open windows',
    doZh: '疏散人员,开窗通风',
  },
  gas: {
    group: 'fire',
    severity: 'CRITICAL',
    en: 'Combustible gas',
    zh: '燃气泄漏',
    doEn: 'No sparks, shut the valve, get people out',
    doZh: '禁止明火,关阀,疏散',
  },
  detectorAlarm: {
    group: 'fire',
    severity: 'CRITICAL',
    en: "Detector's own alarm",
    zh: '探测器报警',
    doEn: 'Call the home, send staff to look',
    doZh: '联系机构,派人查看',
  },
  callPoint: {
    group: 'fire',
    severity: 'CRITICAL',
    en: 'Call point pressed',
    zh: '手动报警',
    doEn: 'Confirmed by a person: send the brigade',
    doZh: '人工确认:立即派出消防',
  },
  panic: {
    group: 'care',
    severity: 'CRITICAL',
    en: 'Panic button',
    zh: '紧急呼叫',
    doEn: 'Call the person, then the neighbour',
    doZh: '先联系本人,再联系邻居',
  },
  electrical: {
    group: 'fire',
    severity: 'MAJOR',
    en: 'Residual current',
    zh: '剩余电流过大',
    doEn: 'Send an electrician',
    doZh: '派电工检查',
  },
  cableHeat: {
    group: 'fire',
    severity: 'MAJOR',
    en: 'Cable too hot',
    zh: '线缆温度过高',
    doEn: 'Switch the load off, send an electrician',
    doZh: '切断负荷,派电工检查',
  },
  fireWaterLow: {
    group: 'fire',
    severity: 'MAJOR',
    en: 'Fire water too low',
    zh: '消防水压或水位不足',
    doEn: 'Check pump, valves and tank; tell the brigade to bring water',
    doZh: '检查消防泵、阀门和水箱,告知消防队自带水源',
  },
  exitDoor: {
    group: 'fire',
    severity: 'MAJOR',
    en: 'Exit door open or blocked',
    zh: '疏散门未关或堵塞',
    doEn: 'Have the exit cleared and the door closed',
    doZh: '通知清理疏散通道并关门',
  },
  burst: {
    group: 'water',
    severity: 'MAJOR',
    en: 'Pipe burst',
    zh: '爆管',
    doEn: 'Close the valve, send a crew',
    doZh: '关闭阀门,派抢修队',
  },
  leak: {
    group: 'water',
    severity: 'MINOR',
    en: 'Leak',
    zh: '漏水',
    doEn: 'Plan a visit; size decides how soon',
    doZh: '按漏量安排上门检修',
  },
  intermittentLeak: {
    group: 'water',
    severity: 'WARNING',
    en: 'Intermittent leak',
    zh: '间歇性漏水',
    doEn: 'Plan a visit: cistern flapper, float valve, softener',
    doZh: '安排上门检查:马桶皮塞、浮球阀、软水机',
  },
  zoneLoss: {
    group: 'water',
    severity: 'MAJOR',
    en: 'Loss in a zone',
    zh: '片区漏损',
    doEn: 'Walk the pipes and listen, from the meter well if one is named; where only the inflow is measured, ask first who uses more',
    doZh: '沿管线听漏,先查点名的表井;仅计量进水的,先问是不是多用了水',
  },
  undersized: {
    group: 'water',
    severity: 'WARNING',
    en: 'Meter too small',
    zh: '水表口径偏小',
    doEn: 'Exchange it for a larger one, or it wears out and under-registers',
    doZh: '更换大口径水表,以免磨损少计',
  },
  waterQuality: {
    group: 'water',
    severity: 'MAJOR',
    en: 'Water outside its limits',
    zh: '水质超标',
    doEn: 'Tell the plant; sample again; shut the outflow if it is confirmed',
    doZh: '通知水厂复测取样;确认后停止供水',
  },
  tankLevel: {
    group: 'water',
    severity: 'MAJOR',
    en: 'Tank level',
    zh: '水池水位异常',
    doEn: 'Look at the inflow and its pumps before the tank runs dry or over',
    doZh: '检查进水和水泵,防止水池抽空或溢流',
  },
  noUse: {
    group: 'care',
    severity: 'MAJOR',
    en: 'No water used',
    zh: '用水过少',
    doEn: 'Call the person, then the family, then the neighbour',
    doZh: '先联系本人,再联系家属和邻居',
  },
  overUse: {
    group: 'care',
    severity: 'MAJOR',
    en: 'Far more water than usual',
    zh: '用水过多',
    doEn: 'Call the person: a tap left open, a fall in the bath',
    doZh: '联系本人:是否忘关水龙头或在浴室跌倒',
  },
  reverse: {
    group: 'water',
    severity: 'MINOR',
    en: 'Reverse flow',
    zh: '反向流',
    doEn: 'Check the non-return valve',
    doZh: '检查止回阀',
  },
  dry: { group: 'water', severity: 'MINOR', en: 'Empty pipe', zh: '空管', doEn: 'Check the supply', doZh: '检查供水' },
  tamper: {
    group: 'water',
    severity: 'MAJOR',
    en: 'Tampering',
    zh: '表计被拆动',
    doEn: 'Inspect the meter',
    doZh: '现场检查表计',
  },
  stuck: {
    group: 'water',
    severity: 'MINOR',
    en: 'Meter stuck',
    zh: '表计卡滞',
    doEn: 'Exchange the meter',
    doZh: '更换表计',
  },
  freeze: {
    group: 'water',
    severity: 'MAJOR',
    en: 'Freezing',
    zh: '冰冻风险',
    doEn: 'Insulate or drain the meter well',
    doZh: '表井保温或排空',
  },
  lowPressure: {
    group: 'water',
    severity: 'MINOR',
    en: 'Low pressure',
    zh: '压力过低',
    doEn: 'Check pumps and valves',
    doZh: '检查水泵和阀门',
  },
  silent: {
    group: 'device',
    severity: 'MINOR',
    en: 'Silent',
    zh: '设备失联',
    doEn: 'Check power and signal on site',
    doZh: '检查电源和信号',
  },
  fault: {
    group: 'device',
    severity: 'MINOR',
    en: 'Device fault',
    zh: '设备故障',
    doEn: 'Send service',
    doZh: '派人检修',
  },
  batteryLow: {
    group: 'device',
    severity: 'WARNING',
    en: 'Battery low',
    zh: '电量不足',
    doEn: 'Change the battery',
    doZh: '更换电池',
  },
  unreadable: {
    group: 'device',
    severity: 'MAJOR',
    en: 'Sends what cannot be read',
    zh: '上报内容无法识别',
    doEn: 'See the quarantine for its bytes',
    doZh: '在隔离区查看原始报文',
  },
  implausible: {
    group: 'device',
    severity: 'MINOR',
    en: 'Impossible values',
    zh: '数值异常',
    doEn: 'See the quarantine; exchange the sensor',
    doZh: '在隔离区查看;必要时更换',
  },
} as const satisfies Record<string, AlarmTypeFacts>

export type AlarmType = keyof typeof ALARM_TYPES
export const ALARM_TYPE_NAMES = Object.keys(ALARM_TYPES) as [AlarmType, ...AlarmType[]]

export const alarmSchema = z.object({
  id: z.string().describe('unique, sortable by the time it was raised'),
  deviceId: z.string().nullable(),
  placeId: z.string().nullable(),
  type: z.enum(ALARM_TYPE_NAMES),
  severity: z.enum(SEVERITIES),
  state: z.enum(ALARM_STATES),
  raisedAt: z.number().describe('ms since 1970: when the condition was measured'),
  noticedAt: z.number().describe('ms since 1970: when the message that raised it arrived'),
  lastAt: z.number().describe('ms since 1970: last time the condition was measured'),
  count: z.number().int().describe('how often the condition was observed'),
  value: z.number().nullable(),
  threshold: z.number().nullable(),
  unit: z.string().nullable(),
  reason: z.string().describe('the evidence in plain English'),
  reasonZh: z.string().describe('the evidence in plain Chinese'),
  test: z.boolean().describe('the device said that it is in test mode'),
  ackBy: z.string().nullable(),
  ackAt: z.number().nullable(),
  clearedAt: z.number().nullable(),
  closedBy: z.string().nullable(),
  disposition: z.enum(DISPOSITIONS).nullable(),
  incidentId: z.string().nullable().describe('what it is part of: it rings through its incident'),
  mode: z
    .enum(['test', 'drill', 'isolated'])
    .optional()
    .describe('raised while its device or place was under test, drill or isolation: recorded, and does not ring'),
  replayed: z
    .boolean()
    .optional()
    .describe('found when messages of the past were decoded anew: it waits for a person, but does not ring'),
})
export type Alarm = z.infer<typeof alarmSchema>

export const isActive = (alarm: { state: AlarmState }): boolean => alarm.state.startsWith('ACTIVE')
/** Open: still someone's business. Only CLEARED_ACK is done. */
export const isOpen = (alarm: { state: AlarmState }): boolean => alarm.state !== 'CLEARED_ACK'
