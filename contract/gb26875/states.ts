import type { Term } from './system-types.ts'

/** One bit of a state or operation: what it is called, and what is told to a person. */
interface Bit extends Term {
  readonly bit: number
}
type Bits<Name extends string> = Readonly<Record<Name, Bit>>

const bit = (number: number, en: string, zh: string): Bit => ({ bit: number, en, zh })

/**
 * §8.2.1.2, of a component (16 bits, 9–15 reserved). `normal` is 1 in operation and 0 in test; many devices never set it,
 * so that a clear bit says nothing.
 */
export const COMPONENT_STATE = {
  normal: bit(0, 'in normal operation', '正常运行'),
  fire: bit(1, 'fire', '火警'),
  fault: bit(2, 'fault', '故障'),
  isolated: bit(3, 'isolated', '屏蔽'),
  supervisory: bit(4, 'supervisory', '监管'),
  started: bit(5, 'started', '启动'),
  feedback: bit(6, 'feedback', '反馈'),
  delayed: bit(7, 'delayed', '延时'),
  powerFault: bit(8, 'power fault', '电源故障'),
} as const satisfies Bits<string>

/** §8.2.1.1, of a system (16 bits, 14 and 15 reserved). */
export const SYSTEM_STATE = {
  normal: bit(0, 'in normal operation', '正常运行'),
  fire: bit(1, 'fire', '火警'),
  fault: bit(2, 'fault', '故障'),
  isolated: bit(3, 'isolated', '屏蔽'),
  supervisory: bit(4, 'supervisory', '监管'),
  started: bit(5, 'started', '启动'),
  feedback: bit(6, 'feedback', '反馈'),
  delayed: bit(7, 'delayed', '延时'),
  powerFault: bit(8, 'mains fault', '主电故障'),
  batteryFault: bit(9, 'standby power fault', '备电故障'),
  lineFault: bit(10, 'bus fault', '总线故障'),
  manual: bit(11, 'in manual mode', '手动状态'),
  changed: bit(12, 'configuration changed', '配置改变'),
  reset: bit(13, 'reset', '复位'),
} as const satisfies Bits<string>

/** §8.2.1.9, of the transmission device itself (8 bits, 7 reserved). */
export const DEVICE_STATE = {
  normal: bit(0, 'in normal operation', '正常监视'),
  fire: bit(1, 'fire', '火警'),
  fault: bit(2, 'fault', '故障'),
  powerFault: bit(3, 'mains fault', '主电故障'),
  batteryFault: bit(4, 'standby power fault', '备电故障'),
  linkFault: bit(5, 'link to the centre lost', '与监控中心通信信道故障'),
  lineFault: bit(6, 'monitored line fault', '监测连接线路故障'),
} as const satisfies Bits<string>

/** §8.2.1.4 and §8.2.1.10: what a person did at a panel (type 4) or at a transmission device (type 24). Bit 7 is reserved. */
export const OPERATIONS = {
  reset: bit(0, 'reset', '复位'),
  mute: bit(1, 'mute', '消音'),
  manualAlarm: bit(2, 'manual alarm', '手动报警'),
  cleared: bit(3, 'alarm cleared', '警情消除'),
  selfTest: bit(4, 'self-test', '自检'),
  /** At a transmission device: the answer to a duty check (查岗应答). */
  confirm: bit(5, 'confirm', '确认'),
  test: bit(6, 'test', '测试'),
} as const satisfies Bits<string>
export type Operation = keyof typeof OPERATIONS
export type SystemStateBit = keyof typeof SYSTEM_STATE
export type ComponentStateBit = keyof typeof COMPONENT_STATE
export type DeviceStateBit = keyof typeof DEVICE_STATE

/** Names of the bits that are set. */
export const setBits = <Name extends string>(bits: Bits<Name>, value: number): readonly Name[] =>
  (Object.keys(bits) as Name[]).filter((name) => (value & (1 << bits[name].bit)) !== 0)

/** The value with these bits set, for whoever composes one. */
export const bitsValue = <Name extends string>(bits: Bits<Name>, names: readonly Name[]): number =>
  names.reduce((value, name) => value | (1 << bits[name].bit), 0)
