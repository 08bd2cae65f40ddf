import { createHash } from 'node:crypto'

/** An id has at most 64 characters, and what stands behind a panel's takes up to 24: `.255-255.255.65535-65535`. */
const MOST_OF_PANEL = 40
/** 64 bits of the panel's id stand for what is cut off of it. */
const HASH_DIGITS = 16

/** A panel's id as the beginning of its points'. */
const beginning = (panelId: string): string => {
  if (panelId.length <= MOST_OF_PANEL) return panelId
  const hash = createHash('sha256').update(panelId).digest('hex').slice(0, HASH_DIGITS)
  return `${panelId.slice(0, MOST_OF_PANEL - HASH_DIGITS - 1)}-${hash}`
}

export interface SystemAddress {
  readonly systemType: number
  readonly systemAddress: number
}
export interface ComponentAddress extends SystemAddress {
  readonly componentType: number
  readonly zone: number
  readonly point: number
}

/** The fire alarm system 1 of the panel `p1` is `p1.1-1`. */
export const systemId = (panelId: string, { systemType, systemAddress }: SystemAddress): string =>
  `${beginning(panelId)}.${systemType}-${systemAddress}`

/**
 * The smoke detector (40) at zone 10, point 2 of it is `p1.1-1.40.10-2`. The component type is part of it: of two parts at
 * one address the one that is well must not end the other's fire.
 */
export const componentId = (panelId: string, component: ComponentAddress): string =>
  `${systemId(panelId, component)}.${component.componentType}.${component.zone}-${component.point}`
