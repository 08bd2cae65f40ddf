import type { MeasuredBalance, WaterBalance } from '../../contract/water-api.ts'
import type { ZonePipes } from '../../contract/zones.ts'

/**
 * The water balance of the IWA (Alegre et al., Performance Indicators for Water Supply Services) and the loss rates of
 * CJJ 92-2016 (as revised in 2018) of one zone. What is not measured is assumed, and each assumption is named.
 */

export interface Span {
  /** ms since 1970 */
  readonly from: number
  readonly to: number
}

/**
 * Shares where nothing is measured: the defaults of Water New Zealand's Water Loss Guidelines (2010) and BenchlossNZ.
 * Ultrasonic meters have nothing that wears: they under-register less than the 2 % that is taken for household meters.
 */
const UNBILLED_OF_INPUT = 0.005
const THEFT_OF_INPUT = 0.001
const UNDER_REGISTERED_OF_BILLED = 0.02

/** UARL: litres a day and metre of pressure, per km of mains, per connection, per km of private pipe (Lambert et al., AQUA 48, 1999). */
const UARL_MAINS = 18
const UARL_CONNECTION = 0.8
const UARL_PRIVATE = 25
/** Lambert (2009): below these the formula says nothing. */
const LEAST_CONNECTIONS = 3000
const LEAST_PRESSURE_M = 25

const M3 = 1000
const PERCENT = 100
const DAY_MS = 86_400_000
const YEAR_DAYS = 365
/** m of water in a MPa: 1 / (998 kg/m³ × 9.81 m/s²). */
const METRES_PER_MPA = 102

/** Litres a day that cannot be avoided in a well-run network. */
export const unavoidableLossLitresDay = (network: {
  readonly mainsKm: number
  readonly connections: number
  readonly privateKm: number
  readonly pressureM: number
}): number =>
  (UARL_MAINS * network.mainsKm + UARL_CONNECTION * network.connections + UARL_PRIVATE * network.privateKm) *
  network.pressureM

/** CJJ 92-2016, 5.2.3: what is taken off the gross loss rate, percent; null where it is not known. */
export interface Corrections {
  /** 居民抄表到户水量: 0.08 × the share of the supply that is read at each household's own meter. */
  readonly r1: number
  /** 单位供水量管长: 0.99 × (A − 0.0693), A km of mains per 10,000 m³ a year; at most ±3. */
  readonly r2: number | null
  /** 年平均出厂压力: 0.5 above 0.35 MPa, 1 above 0.55, 2 above 0.75. */
  readonly r3: number | null
  /** 最大冻土深度: 1 above 1.4 m. Liaocheng's ground freezes to half a metre. */
  readonly r4: number
}

const R1_SHARE = 0.08
const R2_SLOPE = 0.99
const R2_USUAL = 0.0693
const R2_MOST = 3
const M3_OF_WAN = 10_000
const R3_STEPS = [
  { aboveMpa: 0.75, percent: 2 },
  { aboveMpa: 0.55, percent: 1 },
  { aboveMpa: 0.35, percent: 0.5 },
] as const

export function correctionsOf(
  input: { readonly inputM3: number; readonly billedM3: number; readonly days: number },
  network: ZonePipes,
): Corrections {
  const { inputM3, billedM3, days } = input
  const yearly = (inputM3 / days) * YEAR_DAYS
  const r2 = network.mainsKm === null ? null : PERCENT * R2_SLOPE * (network.mainsKm / (yearly / M3_OF_WAN) - R2_USUAL)
  const mpa = network.pressureM === null ? null : network.pressureM / METRES_PER_MPA
  return {
    r1: PERCENT * R1_SHARE * Math.min(1, billedM3 / inputM3),
    r2: r2 === null ? null : Math.min(R2_MOST, Math.max(-R2_MOST, r2)),
    r3: mpa === null ? null : (R3_STEPS.find(({ aboveMpa }) => mpa > aboveMpa)?.percent ?? 0),
    r4: 0,
  }
}

type Assumption = WaterBalance['assumptions'][number]

type Parts = Pick<
  WaterBalance,
  'unbilledM3' | 'apparentM3' | 'realM3' | 'lossPercent' | 'grossPercent' | 'ratedPercent'
> & { readonly corrections: Corrections | undefined }

const NOT_MEASURED: Parts = {
  unbilledM3: null,
  apparentM3: null,
  realM3: null,
  lossPercent: null,
  grossPercent: null,
  ratedPercent: null,
  corrections: undefined,
}

/** Where the input went. The components always add up to it, whatever is assumed: an assumption never takes more than there is. */
function partsOf(inputM3: number, billedM3: number, days: number, network: ZonePipes): Parts {
  const lossM3 = inputM3 - billedM3
  const unbilledM3 = Math.min(Math.max(0, lossM3), UNBILLED_OF_INPUT * inputM3)
  const apparentM3 = Math.min(
    Math.max(0, lossM3 - unbilledM3),
    THEFT_OF_INPUT * inputM3 + UNDER_REGISTERED_OF_BILLED * billedM3,
  )
  const isFed = inputM3 > 0
  const corrections = isFed ? correctionsOf({ inputM3, billedM3, days }, network) : undefined
  const grossPercent = isFed ? (PERCENT * (lossM3 - unbilledM3)) / inputM3 : null
  return {
    unbilledM3,
    apparentM3,
    realM3: lossM3 - unbilledM3 - apparentM3,
    lossPercent: isFed ? (PERCENT * lossM3) / inputM3 : null,
    grossPercent,
    ratedPercent: grossPercent === null || corrections === undefined ? null : grossPercent - sumOf(corrections),
    corrections,
  }
}

const cubicMetres = (litres: number | null): number | null => (litres === null ? null : litres / M3)

/** A balance; what no meter of the zone measures is null, and what would follow from it. */
export function waterBalanceOf(
  zoneId: string,
  balance: MeasuredBalance,
  { from, to }: Span,
  pipes: ZonePipes,
  measuredPressureM: number | null,
): WaterBalance {
  const network = { ...pipes, pressureM: pipes.pressureM ?? measuredPressureM }
  const days = (to - from) / DAY_MS
  const [inputM3, billedM3] = [cubicMetres(balance.inflowL), cubicMetres(balance.householdL)]
  const { corrections, ...parts } =
    inputM3 === null || billedM3 === null ? NOT_MEASURED : partsOf(inputM3, billedM3, days, network)
  const connections = balance.meters
  const connectionDays = connections * days
  const uarl = uarlOf(connections, network)
  const realLitres = connectionDays === 0 || parts.realM3 === null ? null : (parts.realM3 * M3) / connectionDays
  return {
    zoneId,
    from,
    to,
    inputM3,
    billedM3,
    ...parts,
    litresPerConnectionDay: realLitres,
    ili: uarl === null || realLitres === null ? null : realLitres / uarl,
    uarlLitresPerConnectionDay: uarl,
    assumptions: [...assumptionsOf(connections, network), ...(corrections === undefined ? [] : namesOf(corrections))],
    pipes,
    measuredPressureM,
    reported: balance.reported,
    bulkReported: balance.bulkReported,
    valid: balance.valid,
  }
}

/** Litres a connection and day. A meter well stands at the street: without another figure no private pipe counts. */
function uarlOf(connections: number, { mainsKm, privateKm, pressureM }: ZonePipes): number | null {
  if (mainsKm === null || pressureM === null || connections === 0) return null
  return unavoidableLossLitresDay({ mainsKm, connections, privateKm: privateKm ?? 0, pressureM }) / connections
}

const sumOf = ({ r1, r2, r3, r4 }: Corrections): number => r1 + (r2 ?? 0) + (r3 ?? 0) + r4

function assumptionsOf(connections: number, { mainsKm, privateKm, pressureM }: ZonePipes): Assumption[] {
  const said: Assumption[] = [
    {
      value: `${PERCENT * UNBILLED_OF_INPUT} %`,
      en: 'Unbilled authorised use (flushing, fire-fighting), of the input: default of Water New Zealand’s guidelines (2010)',
      zh: '免费用水(冲洗、消防)占供水总量的比例:取新西兰供水漏损指南(2010)默认值',
    },
    {
      value: `${PERCENT * THEFT_OF_INPUT} %`,
      en: 'Unauthorised use, of the input: the same guidelines',
      zh: '未授权用水占供水总量的比例:同上指南默认值',
    },
    {
      value: `${PERCENT * UNDER_REGISTERED_OF_BILLED} %`,
      en: 'What household meters do not register, of what they do: the same guidelines; ultrasonic meters miss less',
      zh: '户表少计占计费水量的比例:同上指南默认值;超声水表实际更低',
    },
  ]
  if (mainsKm === null || pressureM === null)
    return [
      ...said,
      {
        value: '–',
        en: 'No ILI: the length of the mains and the pressure have to be known for UARL',
        zh: '管长或压力未知,无法计算ILI',
      },
    ]
  said.push({
    value: `${mainsKm} km, ${privateKm ?? 0} km, ${Math.round(pressureM)} m`,
    en: 'Mains, private pipe, pressure: UARL = (18 Lm + 0.8 Nc + 25 Lp) P, Lambert et al. (1999)',
    zh: '干管长、户前管长、压力:UARL=(18Lm+0.8Nc+25Lp)P,Lambert等(1999)',
  })
  if (connections < LEAST_CONNECTIONS || pressureM < LEAST_PRESSURE_M)
    said.push({
      value: `< ${LEAST_CONNECTIONS}`,
      en: `UARL was made for ${LEAST_CONNECTIONS} connections and ${LEAST_PRESSURE_M} m or more: below, the ILI is a rough figure`,
      zh: `UARL公式适用于${LEAST_CONNECTIONS}户及${LEAST_PRESSURE_M}米水压以上,低于此仅供参考`,
    })
  return said
}

const DECIMALS = 2
const percent = (value: number): string => `${value.toFixed(DECIMALS)} %`

function namesOf({ r1, r2, r3, r4 }: Corrections): Assumption[] {
  const unknown = { en: ' – not known, taken as 0', zh: '——未知,按0计' }
  const none = { en: '', zh: '' }
  return [
    { value: percent(r1), en: 'CJJ 92 R1: read at each household', zh: 'CJJ 92 R1:居民抄表到户水量修正' },
    {
      value: percent(r2 ?? 0),
      en: `CJJ 92 R2: length of pipe per volume supplied${(r2 === null ? unknown : none).en}`,
      zh: `CJJ 92 R2:单位供水量管长修正${(r2 === null ? unknown : none).zh}`,
    },
    {
      value: percent(r3 ?? 0),
      en: `CJJ 92 R3: mean pressure${(r3 === null ? unknown : none).en}`,
      zh: `CJJ 92 R3:年平均出厂压力修正${(r3 === null ? unknown : none).zh}`,
    },
    {
      value: percent(r4),
      en: 'CJJ 92 R4: depth of frost, 1.4 m is not reached here',
      zh: 'CJJ 92 R4:最大冻土深度修正,本地未超过1.4米',
    },
  ]
}
