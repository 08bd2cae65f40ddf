import { componentKind, componentModel, componentTerm } from '../../../contract/gb26875/components.ts'
import type { FrameTime } from '../../../contract/gb26875/frame.ts'
import { frameTimeText } from '../../../contract/gb26875/frame-time.ts'
import { systemTerm } from '../../../contract/gb26875/system-types.ts'
import { readText } from '../../../contract/gb26875/text.ts'
import type { AnnouncedDevice, Evidence } from '../../../contract/readings.ts'
import { type ComponentAddress, componentId, type SystemAddress, systemId } from './ids.ts'

/** What the parts of a panel are registered as, and what is told of them. */

/** Devices are named in the language of the place, as their panel would print them. */
export function announcedSystem(panelId: string, object: SystemAddress): AnnouncedDevice {
  const { en, zh } = systemTerm(object.systemType)
  const name = `${zh}${object.systemAddress}`
  return { id: systemId(panelId, object), kind: 'fire-panel', name, provisionalName: name, model: en }
}

export function announcedComponent(panelId: string, object: ComponentAddress, text?: Uint8Array): AnnouncedDevice {
  const { systemType, componentType, zone, point } = object
  const provisionalName = `${componentTerm(componentType).zh} ${zone}-${point}`
  const said = text === undefined ? '' : readText(text)
  return {
    id: componentId(panelId, object),
    kind: componentKind(componentType, systemType),
    name: said === '' ? provisionalName : said,
    provisionalName,
    model: componentModel(componentType),
  }
}

export const systemWords = ({
  systemType,
  systemAddress,
}: Pick<ComponentAddress, 'systemType' | 'systemAddress'>): Evidence => {
  const { en, zh } = systemTerm(systemType)
  return { en: `${en} ${systemAddress}`, zh: `${zh}${systemAddress}` }
}

export function componentWords(object: ComponentAddress, text?: Uint8Array): Evidence {
  const system = systemWords(object)
  const { en, zh } = componentTerm(object.componentType)
  const { zone, point } = object
  const where = { en: `${system.en}, ${en}, zone ${zone} point ${point}`, zh: `${system.zh},${zh},${zone}区${point}号` }
  const name = text === undefined ? '' : readText(text)
  return name === '' ? where : { en: `${where.en} “${name}”`, zh: `${where.zh}“${name}”` }
}

/** What a person is told of a finding beyond it: where, when by the panel's clock, and that its test bit is clear. */
export function evidenceOf(words: Evidence, time: FrameTime | undefined, bits: readonly string[]): Evidence {
  const parts = [words]
  if (time !== undefined)
    parts.push({ en: `${frameTimeText(time)} by the panel's clock`, zh: `控制器时间${frameTimeText(time)}` })
  if (bits.includes('fire') && !bits.includes('normal')) parts.push(MARKED_AS_TEST)
  return { en: parts.map(({ en }) => en).join('; '), zh: parts.map(({ zh }) => zh).join(';') }
}

const MARKED_AS_TEST: Evidence = {
  en: 'its normal/test bit says test, as many devices always do: taken as real',
  zh: '报文“正常/测试”位为测试,不少设备从不置位,按真实火警处理',
}
