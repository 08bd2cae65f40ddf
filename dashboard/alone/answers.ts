import type { Alarm, Disposition } from '../../contract/alarms.ts'
import type { Alone, AloneAnswerBody, Answer, NewAloneEvent, Stage } from '../../contract/alone.ts'
import { ANSWERS, isAboutWaterOnly, STAGES } from '../../contract/alone.ts'
import type { Cause, Incident } from '../../contract/incidents.ts'
import { isOpenIncident } from '../../contract/incidents.ts'
import type { AloneChange } from '../../store/state/alone-port.ts'
import type { Caller } from '../access/sessions.ts'
import { ApiError } from '../api/errors.ts'
import type { Desk } from '../desk.ts'

/** What an answer means: for the watch, for its history, and for the alarm that it answers. Pure. */
export function answerOf(
  alone: Alone,
  { answer, contact, until, note }: AloneAnswerBody,
  alarm: Pick<Alarm, 'raisedAt' | 'incidentId'> | undefined,
  by: string,
  now: number,
): { readonly event: NewAloneEvent; readonly change: AloneChange } {
  const stage: Stage | null = contact === null ? null : (alone.contacts[contact]?.stage ?? null)
  const event = {
    at: now,
    type: 'answer',
    by,
    answer,
    stage,
    contact,
    incidentId: alarm?.incidentId ?? null,
    note,
  } as const
  switch (answer) {
    case 'fine':
    case 'meter-wrong':
      // From now on a new day counts; a person who was away and answers from home is back.
      return { event, change: { judgedFrom: now, ...(answer === 'fine' ? { away: null } : {}) } }
    case 'away': {
      const from = alarm === undefined ? now : Math.min(now, alarm.raisedAt)
      return { event: { ...event, from, until }, change: { judgedFrom: now, away: { from, until, by, note } } }
    }
    case 'nobody':
    case 'needs-help':
      return { event, change: {} }
  }
}

/** What the alarm turned out to be; absent: it stays open. */
const WAS: Readonly<Partial<Record<Answer, { readonly disposition: Disposition; readonly cause: Cause }>>> = {
  fine: { disposition: 'false', cause: 'unharmed' },
  away: { disposition: 'false', cause: 'away' },
  'meter-wrong': { disposition: 'false', cause: 'equipment' },
}

/**
 * Carries an answer to the incident: a telephone call of its timeline, and where it says that all is well, its end. Names,
 * numbers and notes stay with the person: whoever reads incidents may not read those.
 */
export async function carryAnswer(
  desk: Desk,
  caller: Caller,
  { deviceId }: Alone,
  answer: Answer,
  stage: Stage | null,
): Promise<void> {
  const alarms = await openAlarmsOf(desk, deviceId)
  const was = WAS[answer]
  const carried = new Set<string>()
  for (const { incidentId } of alarms) {
    const incident = incidentId === null ? undefined : await desk.stores.views.incident(incidentId)
    if (incident === undefined || !isOpenIncident(incident) || carried.has(incident.id)) continue
    carried.add(incident.id)
    await carryToIncident(desk, caller, incident, answer, stage)
  }
  if (was === undefined) return
  // What has no incident, or shares one with somebody's call for help, ends by itself.
  for (const { id } of await openAlarmsOf(desk, deviceId))
    await tolerating(
      desk.actions.perform(caller, {
        type: 'alarm.close',
        alarmId: id,
        disposition: was.disposition,
        comment: wordsOf(answer),
      }),
    )
}

async function carryToIncident(
  desk: Desk,
  caller: Caller,
  incident: Incident,
  answer: Answer,
  stage: Stage | null,
): Promise<void> {
  const incidentId = incident.id
  const was = WAS[answer]
  const call = { who: stage === null ? '–' : bothOf(STAGES[stage]), number: '', answered: answer !== 'nobody' }
  const comment = wordsOf(answer)
  if (stage !== null)
    await tolerating(desk.incidents.perform(caller, { type: 'incident.call', incidentId, call, comment }))
  if (was !== undefined && isAboutWaterOnly(incident.sources) && incident.alarms === incident.sources.length)
    await tolerating(desk.incidents.perform(caller, { type: 'incident.close', incidentId, ...was, comment }))
  else if (answer === 'needs-help' && incident.verification !== 'confirmed')
    await tolerating(desk.incidents.perform(caller, { type: 'incident.confirm', incidentId, comment }))
  else if (stage === null)
    await tolerating(desk.incidents.perform(caller, { type: 'incident.comment', incidentId, comment }))
}

const bothOf = ({ zh, en }: { readonly zh: string; readonly en: string }): string => `${zh} ${en}`
const wordsOf = (answer: Answer): string => bothOf(ANSWERS[answer])

async function openAlarmsOf(desk: Desk, deviceId: string): Promise<readonly Alarm[]> {
  const page = await desk.stores.views.alarms({ state: 'open', deviceId, limit: 100 })
  return page.items.filter(({ type }) => type === 'noUse' || type === 'overUse')
}

/** Somebody else has closed it meanwhile, or ingest is late: the answer stands on the person's history all the same. */
async function tolerating(done: Promise<unknown>): Promise<void> {
  try {
    await done
  } catch (error) {
    if (!(error instanceof ApiError) || error.code === 'command.not-stored') throw error
  }
}

/** Nobody is watched by this meter any more: what it said is nobody's. */
export async function closeAlarms(desk: Desk, caller: Caller, deviceId: string): Promise<void> {
  for (const { id } of await openAlarmsOf(desk, deviceId))
    await tolerating(
      desk.actions.perform(caller, { type: 'alarm.close', alarmId: id, disposition: 'unknown', comment: '' }),
    )
}
