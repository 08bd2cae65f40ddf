import { describe, expect, test } from 'vitest'
import {
  type Actor,
  decideHazard,
  HAZARD_VERDICT_NAMES,
  type Hazard,
  type HazardAction,
  type HazardVerdict,
  isOverdue,
  MOST_PHOTOGRAPHS,
  mayJudge,
} from './hazards.ts'
import { ROLES } from './roles.ts'

const CARE: Actor = { name: '赵', role: 'care' }
const FIRE: Actor = { name: '钱', role: 'fire' }
const CALLER: Actor = { name: '孙', role: 'dispatcher' }
const ADMIN: Actor = { name: '李', role: 'admin' }
const PARTY: Record<HazardVerdict, Actor> = { 'put-right': CARE, standard: FIRE, people: CALLER }

const found: Hazard = {
  id: 'h',
  placeId: 'home-1',
  kind: 'blocked-exit',
  description: '二楼疏散通道堆放杂物',
  owner: '张院长',
  dueAt: 100_000,
  foundAt: 0,
  foundBy: '钱',
  state: 'open',
  verdicts: {},
  refusals: 0,
  closedAt: null,
  photographs: [],
}
let now = 0
const act = (hazard: Hazard, action: HazardAction, by: Actor) => decideHazard(hazard, action, by, ++now)
const must = (hazard: Hazard, action: HazardAction, by: Actor): Hazard => {
  const outcome = act(hazard, action, by)
  if (!outcome.ok) throw new Error(outcome.refusal)
  return outcome.hazard
}
const refusal = (hazard: Hazard, action: HazardAction, by: Actor): string => {
  const outcome = act(hazard, action, by)
  return outcome.ok ? 'done' : outcome.refusal
}
const claim: HazardAction = { type: 'claim', comment: '已清理' }
const agree = (verdict: HazardVerdict): HazardAction => ({ type: 'judge', verdict, agreed: true, reason: '' })
const refuse = (verdict: HazardVerdict, reason = '没有改好'): HazardAction => ({
  type: 'judge',
  verdict,
  agreed: false,
  reason,
})

describe('a hazard', () => {
  test('leaves the list only when it is put right, up to standard and the people are satisfied, in whatever order', () => {
    for (const [first, second, third] of [
      ['people', 'standard', 'put-right'],
      ['standard', 'put-right', 'people'],
    ] as const) {
      let hazard = must(found, claim, CARE)
      hazard = must(hazard, agree(first), PARTY[first])
      hazard = must(hazard, agree(second), PARTY[second])
      expect(hazard).toMatchObject({ state: 'claimed-done', closedAt: null })
      const last = act(hazard, agree(third), PARTY[third])
      expect(last).toMatchObject({ ok: true, hazard: { state: 'closed', closedAt: now } })
      expect(last.ok && last.events.map(({ type }) => type)).toEqual(['agreed', 'closed'])
    }
  })

  test.each(HAZARD_VERDICT_NAMES)('is open again when "%s" is refused, with the refusal on record', (verdict) => {
    let hazard = must(found, claim, CARE)
    for (const other of HAZARD_VERDICT_NAMES) if (other !== verdict) hazard = must(hazard, agree(other), PARTY[other])
    const outcome = act(hazard, refuse(verdict, '通道仍被占用'), PARTY[verdict])
    expect(outcome).toMatchObject({
      ok: true,
      hazard: { state: 'open', refusals: 1, verdicts: { [verdict]: { agreed: false, reason: '通道仍被占用' } } },
      events: [{ type: 'refused', verdict, by: PARTY[verdict].name, comment: '通道仍被占用' }],
    })
    // Done anew, it is judged anew: by all three.
    hazard = must(outcome.ok ? outcome.hazard : hazard, claim, CARE)
    expect(hazard).toMatchObject({ state: 'claimed-done', verdicts: {}, refusals: 1 })
    hazard = must(hazard, agree(verdict), PARTY[verdict])
    expect(hazard.state).toBe('claimed-done')
  })

  test('is not refused without a reason, nor judged before it is claimed to be done', () => {
    expect(refusal(found, agree('standard'), FIRE)).toBe('hazard.not-claimed')
    const claimed = must(found, claim, CARE)
    expect(refusal(claimed, refuse('standard', '  '), FIRE)).toBe('hazard.reason-missing')
    expect(refusal(claimed, claim, CARE)).toBe('hazard.claimed-already')
  })

  test('is judged by three parties: each role has one verdict, an administrator stands in, nobody has two', () => {
    expect(
      ROLES.map((role) => [role, ...HAZARD_VERDICT_NAMES.filter((verdict) => mayJudge(role, verdict))].join(' ')),
    ).toEqual([
      'viewer',
      'dispatcher people',
      'water',
      'fire standard',
      'care put-right',
      'admin put-right standard people',
    ])
    const claimed = must(found, claim, CARE)
    expect(refusal(claimed, agree('standard'), CARE)).toBe('hazard.not-your-verdict')
    const once = must(claimed, agree('standard'), ADMIN)
    expect(refusal(once, agree('people'), ADMIN)).toBe('hazard.one-verdict-each')
    expect(refusal(once, refuse('put-right'), ADMIN)).toBe('hazard.one-verdict-each')
    // The same verdict may be thought over.
    expect(must(once, refuse('standard'), ADMIN).state).toBe('open')
    // A colleague of the same role may be the second, not a person under another role.
    expect(refusal(once, agree('people'), { name: '周', role: 'admin' })).toBe('done')
  })

  test('that is closed stays as it was', () => {
    let hazard = must(found, claim, CARE)
    for (const verdict of HAZARD_VERDICT_NAMES) hazard = must(hazard, agree(verdict), PARTY[verdict])
    for (const action of [claim, refuse('people'), { type: 'photograph', id: 'x', after: true }] as const)
      expect(refusal(hazard, action, CALLER)).toBe('hazard.closed')
    expect(isOverdue(hazard, 200_000)).toBe(false)
  })

  test('keeps its photographs, each once, and not without end', () => {
    let hazard = must(found, { type: 'photograph', id: 'p0', after: false }, FIRE)
    expect(refusal(hazard, { type: 'photograph', id: 'p0', after: true }, FIRE)).toBe('hazard.photographed-already')
    for (let i = 1; i < MOST_PHOTOGRAPHS; i++)
      hazard = must(hazard, { type: 'photograph', id: `p${i}`, after: true }, FIRE)
    expect(refusal(hazard, { type: 'photograph', id: 'more', after: true }, FIRE)).toBe('hazard.too-many-photographs')
  })

  test('whose deadline is moved says so in its history, with the old one; past it, it is overdue', () => {
    const outcome = act(found, { type: 'change', dueAt: 200_000, reason: '等待材料' }, CARE)
    expect(outcome).toMatchObject({ ok: true, hazard: { dueAt: 200_000, owner: '张院长' } })
    expect(outcome.ok && outcome.events[0]?.comment).toBe(
      '等待材料 (张院长, 1970-01-01T00:01:40.000Z → 张院长, 1970-01-01T00:03:20.000Z)',
    )
    expect([isOverdue(found, 100_000), isOverdue(found, 100_001)]).toEqual([false, true])
  })
})
