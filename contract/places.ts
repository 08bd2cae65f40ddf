import type { Place } from './api.ts'

type PlaceKind = Place['kind']

interface PlaceKindFacts {
  readonly en: string
  readonly zh: string
  /** What it may lie in; null: in nothing. */
  readonly in: readonly (PlaceKind | null)[]
}

const AREA = ['county', 'township', 'village', null] as const

/** The tree of places: what each kind is called, and what it may lie in. */
export const PLACE_KINDS: Readonly<Record<PlaceKind, PlaceKindFacts>> = {
  county: { en: 'County', zh: '县区', in: [null] },
  township: { en: 'Township', zh: '乡镇', in: ['county', null] },
  village: { en: 'Village', zh: '村', in: ['county', 'township', null] },
  well: { en: 'Meter well', zh: '表井', in: AREA },
  plant: { en: 'Plant', zh: '水厂', in: AREA },
  home: { en: 'Care home', zh: '养老机构', in: AREA },
  dwelling: { en: 'Dwelling', zh: '住户', in: ['building', ...AREA] },
  building: { en: 'Building', zh: '楼栋', in: ['home', 'plant', ...AREA] },
  floor: { en: 'Floor', zh: '楼层', in: ['home', 'building', 'dwelling'] },
  room: { en: 'Room', zh: '房间', in: ['home', 'building', 'floor', 'dwelling'] },
  bed: { en: 'Bed', zh: '床位', in: ['room', 'dwelling'] },
}

/** What burns as one, and has staff, a control room and responders of its own. */
export const PREMISES: ReadonlySet<PlaceKind> = new Set(['home', 'dwelling'])
