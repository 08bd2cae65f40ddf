import type { KINDS } from '../../../../contract/kinds.ts'
import type { View } from '../store/view.ts'

type Group = (typeof KINDS)[keyof typeof KINDS]['group']

/**
 * Map colours per theme. Devices are quiet and keep clear of red, orange and yellow, which belong to alarms (ISA-101:
 * colour is for the abnormal).
 */
export interface MapPalette {
  readonly outside: string
  readonly county: string
  readonly border: string
  readonly edge: string
  readonly countyLabel: string
  readonly placeLabel: string
  readonly halo: string
  readonly group: Readonly<Record<Group, string>>
  readonly quiet: string
  readonly silent: string
  readonly density: string
}

export const MAP_PALETTES: Record<View['theme'], MapPalette> = {
  dark: {
    outside: '#0a1017',
    county: '#13202d',
    border: '#33475b',
    edge: '#4a647e',
    countyLabel: '#8ba0b6',
    placeLabel: '#a9b9ca',
    halo: '#0a1017',
    group: { water: '#4f9fe0', fire: '#b79cf2', care: '#5cc8a7', plant: '#8aa4bd', gateway: '#8aa4bd' },
    quiet: '#5d7186',
    silent: '#e6ecf3',
    density: '#4f9fe0',
  },
  light: {
    outside: '#dde5ec',
    county: '#f6f9fb',
    border: '#b9c8d6',
    edge: '#8ea4b8',
    countyLabel: '#5c7086',
    placeLabel: '#3d5166',
    halo: '#ffffff',
    group: { water: '#1f77c0', fire: '#7a4fd0', care: '#12886a', plant: '#5b7288', gateway: '#5b7288' },
    quiet: '#8496a8',
    silent: '#24323f',
    density: '#1f77c0',
  },
}
