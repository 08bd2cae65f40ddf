import type { DetectionLimits } from '../../contract/detection-limits.ts'
import { normal, poisson, type Random } from '../random.ts'
import { between, lengthOf, lognormal, type Pulse, pulseAt } from './nuisance-pulse.ts'

/**
 * A year of care homes without a single fire: everything that looks like one to a detector. Rates are per place and year;
 * sizes are what reaches a detector, which is far less than what NIST measured over the stove (TN 1455 ch. 6, TN 1784):
 * lognormal, because most of it stays where it is made.
 *
 * The tails are set so that a plain detector at its alarm level of 1.4 dB/m is wrong about as often as such systems are:
 * 65 false alarms per 1,000 detectors and year counted as reasonable (Gupta, Dharmadhikari 1985), of which better
 * detectors have taken at least two thirds away (Euralarm, False Alarm Study, 2022). The evaluation prints that rate. Where
 * there is no source the figure is our choice, and says so by having none.
 */

/** Of a thousand detectors, and what they are: GB 50116 puts heat detectors into kitchens. */
const PLACES = {
  bedroom: { per1000: 600, kind: 'smoke-detector' },
  corridor: { per1000: 200, kind: 'smoke-detector' },
  common: { per1000: 100, kind: 'smoke-detector' },
  kitchen: { per1000: 40, kind: 'heat-detector' },
  store: { per1000: 60, kind: 'smoke-detector' },
} as const
type PlaceName = keyof typeof PLACES

/** GB 50116 §5.2: where the temperature swings, a detector is chosen that bears it. Set as the home's limits. */
const KITCHEN_LIMITS: DetectionLimits = { 'heat.rise': 15, 'heat.fixed': 70 }
/** Share of smoke detectors that measure CO as well. */
const WITH_CO = 0.3

/** What one detector is exposed to. */
export interface Exposed {
  readonly kind: 'smoke-detector' | 'heat-detector'
  readonly limits: DetectionLimits | undefined
  readonly smoke: Pulse
  readonly heat: Pulse
  readonly co: Pulse | undefined
  /** Readings that are wrong: by index of the reading, °C and dB/m added. */
  readonly glitches: ReadonlyMap<number, { readonly temperature: number; readonly smoke: number }>
  /** dB/m of dust in the chamber. */
  readonly dust: number
  /** °C before. */
  readonly roomC: number
}

export interface NuisanceEvent {
  readonly cause: CauseName
  /** All of one fire zone; the first is nearest. */
  readonly exposed: readonly Exposed[]
  readonly lengthS: number
  /** Readings that the radio lost, or brought afterwards in one message. Seconds from the beginning. */
  readonly dropout: { readonly fromS: number; readonly toS: number; readonly lost: boolean } | undefined
}

interface Size {
  readonly smoke?: Pulse
  readonly heat?: Pulse
  readonly co?: Pulse
  readonly glitches?: Exposed['glitches']
  /** How much of it reaches other detectors of the zone. */
  readonly others?: readonly number[]
}

interface CauseFacts {
  readonly en: string
  /** Per 1,000 detectors and year. */
  readonly events: number
  readonly place: PlaceName
  /** Source of rate or size; empty: our choice. */
  readonly source: string
  draw(random: Random): Size
}

const NONE: Pulse = { peak: 0, riseS: 1, holdS: 0, decayS: 1 }
const bedrooms = PLACES.bedroom.per1000
/** Two detectors in a dining or day room. */
const commonRooms = PLACES.common.per1000 / 2
const kitchens = PLACES.kitchen.per1000 / 2
/** Floors of thirty detectors. */
const floors = 1000 / 30

export const NUISANCES = {
  steam: {
    en: 'shower steam',
    // Of 600 bedrooms 350 have a shower; twice a week for one or two residents.
    events: 350 * 120,
    place: 'bedroom',
    source: 'fog at the detector needs humid, hence warmer, air: both rise together',
    draw(random) {
      const peak = lognormal(random, 0.006, 1.4)
      const times = { riseS: between(random, 10, 40), holdS: between(random, 20, 120) }
      const warmth = 1.3 * (peak / 0.3) ** 0.35 * lognormal(random, 1, 0.35)
      return {
        smoke: { peak, ...times, decayS: between(random, 40, 150) },
        heat: { peak: warmth, ...times, decayS: 300 },
        others: random() < 0.1 ? [lognormal(random, 0.15, 0.7)] : [],
      }
    },
  },
  cooking: {
    en: 'toast, hotpot and microwave in a dining or day room',
    events: commonRooms * 400,
    place: 'common',
    source: 'NIST TN 1455 ch. 6, TN 1784: minutes to rise, a few °C, CO of a few ppm',
    draw(random) {
      const riseS = between(random, 120, 400)
      return {
        smoke: {
          peak: lognormal(random, 0.022, 1),
          riseS,
          holdS: between(random, 60, 600),
          decayS: between(random, 200, 600),
        },
        heat: { peak: lognormal(random, 0.8, 0.6), riseS: between(random, 200, 900), holdS: 120, decayS: 600 },
        co: { peak: lognormal(random, 2, 0.8), riseS: 2 * riseS, holdS: 300, decayS: 900 },
        others: [Math.min(1, lognormal(random, 0.3, 0.5)), ...(random() < 0.2 ? [lognormal(random, 0.15, 0.7)] : [])],
      }
    },
  },
  frying: {
    en: 'frying and flaring woks under heat detectors',
    events: kitchens * 1000,
    place: 'kitchen',
    source: 'NIST TN 1784',
    draw: (random) => ({
      heat: { peak: lognormal(random, 6, 0.35), riseS: between(random, 200, 900), holdS: 600, decayS: 600 },
      others: [Math.min(1, lognormal(random, 0.5, 0.4))],
    }),
  },
  flare: {
    en: 'oven doors and flaring woks under heat detectors',
    events: kitchens * 300,
    place: 'kitchen',
    source: '',
    draw: (random) => ({
      heat: { peak: lognormal(random, 2.5, 0.4), riseS: between(random, 15, 120), holdS: 15, decayS: 120 },
      others: [Math.min(1, lognormal(random, 0.5, 0.4))],
    }),
  },
  heater: {
    en: 'heater switched on, 120 days a year',
    events: bedrooms * 120,
    place: 'bedroom',
    source: 'EN 54-5: what a room’s heating may do to a class R detector',
    draw(random) {
      // A third are split air conditioners, which blow along the ceiling.
      const perMinute = random() < 0.3 ? lognormal(random, 2, 0.4) : lognormal(random, 0.5, 0.5)
      const peak = between(random, 3, 8)
      return { heat: { peak, riseS: (peak / perMinute) * 60 * (Math.PI / 2), holdS: 600, decayS: 1200 } }
    },
  },
  burnOff: {
    en: 'first heating of the winter burns its dust',
    events: bedrooms,
    place: 'bedroom',
    source: '',
    draw(random) {
      const peak = between(random, 3, 8)
      return {
        smoke: { peak: lognormal(random, 0.08, 0.8), riseS: between(random, 60, 300), holdS: 200, decayS: 300 },
        heat: { peak, riseS: (peak / lognormal(random, 0.8, 0.5)) * 60 * (Math.PI / 2), holdS: 600, decayS: 1200 },
      }
    },
  },
  sun: {
    en: 'sun on the detector',
    events: bedrooms * 0.3 * 80,
    place: 'bedroom',
    source: '',
    draw: (random) => ({
      heat: { peak: lognormal(random, 4, 0.5), riseS: between(random, 600, 3600), holdS: 1800, decayS: 900 },
    }),
  },
  spray: {
    en: 'cleaning and hair spray, talcum powder',
    events: (bedrooms + PLACES.corridor.per1000) * 20,
    place: 'bedroom',
    source: 'BRE, live investigations of false alarms: aerosols and powders',
    draw: (random) => ({
      smoke: {
        peak: lognormal(random, 0.012, 1.2),
        riseS: between(random, 3, 12),
        holdS: 5,
        decayS: between(random, 20, 60),
      },
      heat: { peak: -0.2, riseS: 10, holdS: 10, decayS: 60 },
    }),
  },
  smoking: {
    en: 'cigarettes in one bedroom of ten',
    events: bedrooms * 0.1 * 50,
    place: 'bedroom',
    source: 'NIST TN 1455 ch. 6',
    draw: (random) => ({
      smoke: { peak: lognormal(random, 0.05, 0.8), riseS: between(random, 60, 180), holdS: 240, decayS: 300 },
      heat: { peak: 0.1, riseS: 120, holdS: 240, decayS: 300 },
      co: { peak: lognormal(random, 2, 0.5), riseS: 200, holdS: 240, decayS: 900 },
    }),
  },
  festival: {
    en: 'firecrackers, incense and candles: Spring Festival and the days of the dead',
    events: floors * 12,
    place: 'corridor',
    source: '',
    draw(random) {
      const riseS = between(random, 60, 600)
      return {
        smoke: { peak: lognormal(random, 0.05, 0.9), riseS, holdS: between(random, 200, 1200), decayS: 600 },
        // The window through which it comes lets the cold in as well.
        heat: { peak: between(random, -2, 0.5), riseS, holdS: 300, decayS: 900 },
        co: { peak: lognormal(random, 4, 0.7), riseS, holdS: 300, decayS: 900 },
        others: [1, 2, 3, 4].map(() => Math.min(1, lognormal(random, 0.2, 0.7))),
      }
    },
  },
  candle: {
    en: 'candles and incense in a bedroom',
    events: bedrooms * 5,
    place: 'bedroom',
    source: 'NIST TN 1455 ch. 6',
    draw: (random) => ({
      smoke: { peak: lognormal(random, 0.03, 0.9), riseS: between(random, 60, 300), holdS: 900, decayS: 600 },
      heat: { peak: lognormal(random, 0.4, 0.5), riseS: 600, holdS: 900, decayS: 900 },
      co: { peak: lognormal(random, 3, 0.6), riseS: 600, holdS: 900, decayS: 900 },
    }),
  },
  soldering: {
    en: 'soldering, drilling and other work',
    events: 360 * 0.5,
    place: 'store',
    source: '',
    draw: (random) => ({
      smoke: { peak: lognormal(random, 0.08, 0.8), riseS: between(random, 10, 120), holdS: 300, decayS: 200 },
      heat: { peak: 0.3, riseS: 100, holdS: 300, decayS: 300 },
    }),
  },
  insects: {
    en: 'insects in the chamber',
    events: 1000 * 0.02,
    place: 'corridor',
    source: '',
    draw(random) {
      const glitches = new Map<number, { temperature: number; smoke: number }>()
      const visits = 3 + Math.floor(random() * 15)
      for (let i = 0; i < visits; i++) {
        const from = FIRST_READINGS + Math.floor(random() * 600)
        const smoke = lognormal(random, 0.15, 0.9)
        for (let k = 0; k < 1 + Math.floor(random() * 3); k++) glitches.set(from + k, { temperature: 0, smoke })
      }
      return { glitches }
    },
  },
  battery: {
    en: 'dying batteries: readings that sag, restarts',
    // A cell lasts eight to ten years.
    events: 1000 * 0.12,
    place: 'bedroom',
    source: '',
    draw(random) {
      const glitches = new Map<number, { temperature: number; smoke: number }>()
      for (let i = 0; i < 20; i++) {
        const from = FIRST_READINGS + 30 * i + Math.floor(20 * random())
        // A cell sags while its radio sends: two readings 10 s apart are both hit near its end only.
        // Both are read against the same sagging reference: both are wrong at once, either way, the thermistor less,
        // because its divider sags along.
        const temperature = lognormal(random, 1, 0.6) * (random() < 0.5 ? -1 : 1)
        const smoke = lognormal(random, 0.08, 0.8) * (random() < 0.7 ? -1 : 1)
        const luck = random()
        const readings = luck < 0.97 ? 1 : luck < 0.995 ? 2 : 3
        for (let k = 0; k < readings; k++) glitches.set(from + k, { temperature, smoke })
      }
      return { glitches }
    },
  },
} as const satisfies Record<string, CauseFacts>

export type CauseName = keyof typeof NUISANCES
export const CAUSE_NAMES = Object.keys(NUISANCES) as readonly CauseName[]

/** s. How often a detector reports. */
export const SAMPLE_S = 10
/** s of ordinary air before every event: the background that it is compared with. */
export const QUIET_BEFORE_S = 150
const FIRST_READINGS = QUIET_BEFORE_S / SAMPLE_S
/** s. Readings out of line are spread over so long. */
const GLITCHES_FOR_S = 6200
/** s. What lasts for longer than half an hour is no news after it. */
const LONGEST_S = 1800
/** Share of events during which the radio is away for a while; a third of that is lost for good. */
const WITH_DROPOUT = 0.03
const LOST = 0.33

/** Sensors' noise: GB 4715's photoelectric chambers and a thermistor, one standard deviation. */
const NOISE = { smoke: 0.015, temperature: 0.1, co: 1 }

/** How many events of a cause there are in so many sensor-years. */
export const eventsOf = (random: Random, cause: CauseName, sensorYears: number): number => {
  const mean = (NUISANCES[cause].events * sensorYears) / 1000
  // Knuth's product of uniforms underflows; a large count is normal enough.
  return mean < 200 ? poisson(random, mean) : Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)))
}

export function drawEvent(random: Random, cause: CauseName): NuisanceEvent {
  const facts: CauseFacts = NUISANCES[cause]
  const size = facts.draw(random)
  const { kind } = PLACES[facts.place]
  const shares = [1, ...(size.others ?? [])]
  const exposed = shares.map((share): Exposed => {
    const scaled = (pulse: Pulse | undefined): Pulse =>
      pulse === undefined ? NONE : { ...pulse, peak: pulse.peak * share }
    return {
      kind,
      limits: facts.place === 'kitchen' ? KITCHEN_LIMITS : undefined,
      smoke: scaled(size.smoke),
      heat: scaled(size.heat),
      co: random() < WITH_CO ? scaled(size.co) : undefined,
      glitches: share === 1 ? (size.glitches ?? NO_GLITCHES) : NO_GLITCHES,
      // Serviced every year; 0.04 dB/m a year, a few much more.
      dust: Math.min(0.3, lognormal(random, 0.04, 0.7) * random()),
      roomC: between(random, 16, 26),
    }
  })
  const pulses = [size.smoke, size.heat, size.co].filter((pulse) => pulse !== undefined)
  const lengthS = size.glitches === undefined ? Math.min(LONGEST_S, Math.max(...pulses.map(lengthOf))) : GLITCHES_FOR_S
  const gapS = between(random, 60, 1200)
  const fromS = between(random, 0, lengthS)
  const dropout = random() < WITH_DROPOUT ? { fromS, toS: fromS + gapS, lost: random() < LOST } : undefined
  return { cause, exposed, lengthS, dropout }
}

const NO_GLITCHES: Exposed['glitches'] = new Map()

/** A room in which nothing happens. */
export const quietRoom = (random: Random): Exposed => ({
  kind: 'smoke-detector',
  limits: undefined,
  smoke: NONE,
  heat: NONE,
  co: random() < WITH_CO ? NONE : undefined,
  glitches: NO_GLITCHES,
  dust: Math.min(0.3, lognormal(random, 0.04, 0.7) * random()),
  roomC: between(random, 16, 26),
})

export interface Reading {
  readonly smoke: number | undefined
  readonly temperature: number
  readonly co: number | undefined
}

/**
 * The `index`-th reading of a detector, `seconds` after the event began (negative: before).
 * @param noisier times the ordinary noise
 */
export function readingOf(random: Random, exposed: Exposed, index: number, seconds: number, noisier = 1): Reading {
  const glitch = exposed.glitches.get(index)
  // Plumes waver, as NIST's do: a seventh of what is there.
  const waver = 1 + 0.15 * normal(random)
  const smoke =
    exposed.dust +
    pulseAt(exposed.smoke, seconds) * waver +
    noisier * NOISE.smoke * normal(random) +
    (glitch?.smoke ?? 0)
  const temperature =
    exposed.roomC +
    pulseAt(exposed.heat, seconds) +
    noisier * NOISE.temperature * normal(random) +
    (glitch?.temperature ?? 0)
  const co = exposed.co === undefined ? undefined : pulseAt(exposed.co, seconds) + noisier * NOISE.co * normal(random)
  return {
    smoke: exposed.kind === 'heat-detector' ? undefined : Math.max(0, Math.round(smoke * 100) / 100),
    temperature: Math.round(temperature * 10) / 10,
    co: co === undefined ? undefined : Math.max(0, Math.round(co)),
  }
}

/**
 * Whether it could matter to any rule at all: less smoke than half of what the pre-alarm counts as a sign, and less heat
 * than half of an alarm's rise, are counted and not played.
 */
export const couldMatter = ({ exposed }: NuisanceEvent): boolean =>
  exposed.some(({ smoke, heat, glitches }) => smoke.peak >= 0.05 || steepest(heat) >= 4 || glitches.size > 0)

/** °C/min at the beginning of a quarter sine. */
const steepest = ({ peak, riseS }: Pulse): number => ((Math.PI / 2) * peak * 60) / riseS
