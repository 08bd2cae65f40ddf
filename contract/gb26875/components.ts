import type { Kind } from '../kinds.ts'
import { isWaterSystem, type Term } from './system-types.ts'

/** Component types: GB/T 26875.3-2011 table 5, each with the kind of device it is. 128–255 are the user's own. */
interface ComponentType extends Term {
  readonly kind: Kind
}

const of = (kind: Kind, zh: string, en: string): ComponentType => ({ kind, zh, en })

const COMPONENT_TYPES: Readonly<Record<number, ComponentType>> = {
  1: of('fire-panel', '火灾报警控制器', 'Fire alarm controller'),
  10: of('gas-detector', '可燃气体探测器', 'Combustible gas detector'),
  11: of('gas-detector', '点型可燃气体探测器', 'Combustible gas detector, point'),
  12: of('gas-detector', '独立式可燃气体探测器', 'Combustible gas detector, stand-alone'),
  13: of('gas-detector', '线型可燃气体探测器', 'Combustible gas detector, line'),
  16: of('electrical-fire', '电气火灾监控报警器', 'Electrical fire monitor'),
  17: of('electrical-fire', '剩余电流式电气火灾监控探测器', 'Residual current detector'),
  18: of('electrical-fire', '测温式电气火灾监控探测器', 'Cable temperature detector'),
  21: of('fire-detector', '探测回路', 'Detection loop'),
  22: of('fire-detector', '火灾显示盘', 'Repeater panel'),
  23: of('call-point', '手动火灾报警按钮', 'Manual call point'),
  24: of('call-point', '消火栓按钮', 'Hydrant button'),
  25: of('fire-detector', '火灾探测器', 'Fire detector'),
  30: of('heat-detector', '感温火灾探测器', 'Heat detector'),
  31: of('heat-detector', '点型感温火灾探测器', 'Heat detector, point'),
  32: of('heat-detector', '点型感温火灾探测器(S型)', 'Heat detector, point, S'),
  33: of('heat-detector', '点型感温火灾探测器(R型)', 'Heat detector, point, R'),
  34: of('heat-detector', '线型感温火灾探测器', 'Heat detector, line'),
  35: of('heat-detector', '线型感温火灾探测器(S型)', 'Heat detector, line, S'),
  36: of('heat-detector', '线型感温火灾探测器(R型)', 'Heat detector, line, R'),
  37: of('heat-detector', '光纤感温火灾探测器', 'Heat detector, optical fibre'),
  40: of('smoke-detector', '感烟火灾探测器', 'Smoke detector'),
  41: of('smoke-detector', '点型离子感烟火灾探测器', 'Smoke detector, ionisation'),
  42: of('smoke-detector', '点型光电感烟火灾探测器', 'Smoke detector, photoelectric'),
  43: of('smoke-detector', '线型光束感烟火灾探测器', 'Smoke detector, beam'),
  44: of('smoke-detector', '吸气式感烟火灾探测器', 'Smoke detector, aspirating'),
  50: of('smoke-detector', '复合式火灾探测器', 'Combined detector'),
  51: of('smoke-detector', '复合式感烟感温火灾探测器', 'Combined smoke and heat detector'),
  52: of('smoke-detector', '复合式感光感温火灾探测器', 'Combined flame and heat detector'),
  53: of('smoke-detector', '复合式感光感烟火灾探测器', 'Combined flame and smoke detector'),
  61: of('fire-detector', '紫外火焰探测器', 'Flame detector, ultraviolet'),
  62: of('fire-detector', '红外火焰探测器', 'Flame detector, infrared'),
  69: of('fire-detector', '感光火灾探测器', 'Flame detector'),
  74: of('gas-detector', '气体探测器', 'Gas detector'),
  78: of('fire-detector', '图像摄像方式火灾探测器', 'Video fire detector'),
  79: of('fire-detector', '感声火灾探测器', 'Acoustic fire detector'),
  81: of('fire-detector', '气体灭火控制器', 'Gas extinguishing controller'),
  82: of('fire-detector', '消防电气控制装置', 'Fire equipment controller'),
  83: of('fire-detector', '消防控制室图形显示装置', 'Control room display'),
  84: of('fire-detector', '模块', 'Module'),
  85: of('fire-detector', '输入模块', 'Input module'),
  86: of('fire-detector', '输出模块', 'Output module'),
  87: of('fire-detector', '输入/输出模块', 'Input and output module'),
  88: of('fire-detector', '中继模块', 'Relay module'),
  91: of('fire-water', '消防水泵', 'Fire pump'),
  92: of('fire-water', '消防水箱', 'Fire water tank'),
  95: of('fire-water', '喷淋泵', 'Sprinkler pump'),
  96: of('fire-water', '水流指示器', 'Water flow indicator'),
  97: of('fire-water', '信号阀', 'Signal valve'),
  98: of('fire-water', '报警阀', 'Alarm valve'),
  99: of('fire-water', '压力开关', 'Pressure switch'),
  101: of('fire-detector', '阀驱动装置', 'Valve actuator'),
  102: of('door-contact', '防火门', 'Fire door'),
  103: of('fire-detector', '防火阀', 'Fire damper'),
  104: of('fire-detector', '通风空调', 'Ventilation'),
  105: of('fire-detector', '泡沫液泵', 'Foam pump'),
  106: of('fire-detector', '管网电磁阀', 'Solenoid valve'),
  111: of('fire-detector', '防烟排烟风机', 'Smoke control fan'),
  113: of('fire-detector', '排烟防火阀', 'Smoke damper'),
  114: of('fire-detector', '常闭送风口', 'Air supply outlet'),
  115: of('fire-detector', '排烟口', 'Smoke outlet'),
  116: of('fire-detector', '电控挡烟垂壁', 'Smoke curtain'),
  117: of('fire-detector', '防火卷帘控制器', 'Fire shutter controller'),
  118: of('fire-detector', '防火门监控器', 'Fire door monitor'),
  121: of('fire-detector', '警报装置', 'Sounder'),
}

const GENERAL = 0
export const RESIDUAL_CURRENT = 17
export const FIRE_DOOR = 102

/** What a component is called; one that no table knows by its number. */
export function componentTerm(type: number): Term {
  if (type === GENERAL) return { en: 'Component', zh: '消防部件' }
  return COMPONENT_TYPES[type] ?? { en: `Component of type ${type}`, zh: `${type}型部件` }
}

/** What kind of device a component is. Of a type that only its maker knows, the system it belongs to tells most. */
export const componentKind = (componentType: number, systemType: number): Kind =>
  COMPONENT_TYPES[componentType]?.kind ?? (isWaterSystem(systemType) ? 'fire-water' : 'fire-detector')

const MODEL = 'GB/T 26875.3'
/** The model a component is registered with: all that a panel says about what it is. */
export const componentModel = (type: number): string => `${MODEL} ${type}`

/**
 * Whether a device is one of a panel's components. The fire bit of a component is the panel's word that it burns, also
 * where the same kind of device, speaking for itself, would only call for somebody to look.
 */
export const isComponentModel = (model: string | null): boolean => model?.startsWith(`${MODEL} `) === true
