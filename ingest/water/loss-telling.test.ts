import { expect, test } from 'vitest'
import { type Judged, type SeenNight, type ToldLoss, tellLoss, type ZoneFinding } from './loss-telling.ts'

const LEAK = { since: 10, m3h: 0.4 }
const TOLD: ToldLoss = { ...LEAK, nights: [10, 11, 12] }
const finding: Judged['finding'] = (type, loss, day) => ({ type, day, ...loss, share: 0.1, reported: 1, meters: 100 })
/** Beyond the usual, m³/h, of nights from the tenth on; null: it cannot be judged. */
const nightsOf = (beyond: readonly (number | null)[], unheardM3h: number): SeenNight[] =>
  beyond.map((m3h, i) => ({ day: 10 + i, isJudged: m3h !== null, beyondM3h: m3h ?? 0, unheardM3h }))
const judged = (facts: Partial<Judged>): Judged => ({
  next: 13,
  past: { open: LEAK },
  now: undefined,
  nights: [],
  found: [],
  wasOpen: (since) => since === LEAK.since,
  finding,
  ...facts,
})
const over = (day: number): ZoneFinding => finding('over', LEAK, day)
const types = ({ findings }: ReturnType<typeof tellLoss>) => findings.map(({ type, day }) => [type, day])

test('an end that late uploads move from one night to the next is told once, when two sound nights are behind it', () => {
  // A hundredth of the homes has not been heard of, and one of them was used that night.
  const first = tellLoss(TOLD, judged({ found: [over(13)], nights: nightsOf([0.4, 0.4, 0.4, 0.1], 0.01) }))
  expect([types(first), first.told]).toEqual([[], TOLD])
  const moved = tellLoss(first.told, judged({ next: 14, now: LEAK, nights: nightsOf([0.4, 0.4, 0.4, 0.3, 0.4], 0.01) }))
  expect(types(moved)).toEqual([])
  const nights = nightsOf([0.4, 0.4, 0.4, 0.3, 0.4, 0, 0.1, 0], 0.01)
  const again = tellLoss(moved.told, judged({ next: 15, found: [over(15)], nights: nights.slice(0, 6) }))
  expect(types(again)).toEqual([])
  const past = { open: undefined }
  const last = tellLoss(again.told, judged({ next: 16, past, found: [over(15)], nights }))
  expect([types(last), last.told]).toEqual([[['over', 15]], undefined])
})

test('an end is told at once where every home has been heard', () => {
  const nights = nightsOf([0.4, 0.4, 0.4, 0], 0)
  expect(types(tellLoss(TOLD, judged({ found: [over(13)], nights })))).toEqual([['over', 13]])
})

test('a loss that late readings lower, and that the next night shows again, calls nobody a second time', () => {
  const told: ToldLoss = { since: 12, m3h: 0.2, nights: [12] }
  const past = { open: undefined }
  const lowered = tellLoss(told, judged({ past, nights: nightsOf([0, 0, 0.18], 0) }))
  expect([types(lowered), lowered.told]).toEqual([[], told])
  const seen = finding('loss', { since: 12, m3h: 0.4 }, 13)
  const nights = nightsOf([0, 0, 0.18, 0.5], 0)
  const again = tellLoss(lowered.told, judged({ past, now: seen, found: [seen], nights }))
  expect(again.findings).toMatchObject([{ type: 'more', since: 12, toldSince: 12, m3h: 0.4 }])
})

test('a loss is withdrawn when every night that carried it is judged again and shows none', () => {
  const past = { open: undefined }
  expect(types(tellLoss(TOLD, judged({ past, nights: nightsOf([0, 0, 0], 0) })))).toEqual([['gone', 12]])
  const halfSeen = tellLoss(TOLD, judged({ past, nights: nightsOf([0, null, 0], 0) }))
  expect([types(halfSeen), halfSeen.told]).toEqual([[], TOLD])
  const unreached = tellLoss(TOLD, judged({ past: null, nights: nightsOf([0], 0) }))
  expect([types(unreached), unreached.told]).toEqual([[], TOLD])
})

test('a year that is uploaded at once tells every loss with its end, and the next leak calls again', () => {
  const found = [finding('loss', LEAK, 11), over(13), finding('loss', { since: 20, m3h: 1 }, 21)]
  const nights = nightsOf([0.4, 0.4, 0.4, 0, 0, 0, 0, 0, 0, 0, 1, 1], 0.1)
  const year = tellLoss(undefined, judged({ next: 10, past: { open: undefined }, now: found[2], found, nights }))
  expect(types(year)).toEqual([
    ['loss', 11],
    ['over', 13],
    ['loss', 21],
  ])
  expect(year.told).toEqual({ since: 20, m3h: 1, nights: [20, 21] })
})
