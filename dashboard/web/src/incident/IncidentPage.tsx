import { type ReactNode, useEffect, useState } from 'react'
import { isAboutWaterOnly } from '../../../../contract/alone.ts'
import type { HydrantEvent, IncidentEvent } from '../../../../contract/events.ts'
import type { IncidentDetail } from '../../../../contract/incident-api.ts'
import type { Incident } from '../../../../contract/incidents.ts'
import { callsForHelp } from '../../../../contract/residents.ts'
import { IncidentPerson } from '../alone/IncidentPerson.tsx'
import { useText } from '../i18n/text.ts'
import { mayAct } from '../queue/act.ts'
import { PeopleHere } from '../queue/PeopleHere.tsx'
import { SeverityBadge } from '../queue/SeverityBadge.tsx'
import { Timeline } from '../queue/Timeline.tsx'
import { At, Lasting } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { PlacePath } from '../shell/PlacePath.tsx'
import { go } from '../shell/route.ts'
import { useTick } from '../shell/ticker.ts'
import { useConsole } from '../store/console.ts'
import { isOfPeople, isUntaken } from '../store/queue.ts'
import { view } from '../store/view.ts'
import { ActionBar } from './ActionBar.tsx'
import { type CallDraft, Calls } from './Calls.tsx'
import { eventWords, storyOf } from './event-words.ts'
import { FloorPlans } from './FloorPlans.tsx'
import { IncidentAlarms } from './IncidentAlarms.tsx'
import { act, post } from './incident-act.ts'
import { alarmTypesOf, placeOfIncident, titleOf } from './incident-words.ts'
import { Messages } from './Messages.tsx'
import { Race } from './Race.tsx'
import { Responders } from './Responders.tsx'
import { formatElapsed } from './race.ts'
import { StaffOnDuty } from './StaffOnDuty.tsx'
import { Escalation, Sureness } from './Sureness.tsx'
import { useHome } from './use-home.ts'
import { useIncident } from './use-incident.ts'
import { WatchModes } from './WatchModes.tsx'

/** Close enough to tell houses apart. */
const STREET_ZOOM = 15
const RUNNING_MS = 3_600_000
const NO_CALL: CallDraft = { who: '', number: '' }

/** The war room: what burns and how sure, where, who is inside, who is there, whom to send, who knows. */
export function IncidentPage({ id }: { readonly id: string }): ReactNode {
  const { t } = useText()
  const { incident, detail, failure } = useIncident(id)
  useEffect(() => {
    // A acts on the incident that is on the screen.
    view.change({ cursor: `incident/${id}`, openAlarm: null })
  }, [id])
  if (incident === undefined)
    return (
      <div className="page incident-page">
        <p className="empty quiet">{failure ? t('incident.gone') : t('queue.loading')}</p>
      </div>
    )
  return (
    <div className="page incident-page">
      <Head incident={incident} detail={detail} />
      <ActionBar incident={incident} key={incident.state === 'closed' ? 'closed' : 'open'} />
      {detail === undefined ? (
        <p className="quiet">{t('queue.loading')}</p>
      ) : (
        <Body incident={incident} detail={detail} />
      )}
    </div>
  )
}

function Head(props: { readonly incident: Incident; readonly detail: IncidentDetail | undefined }): ReactNode {
  const { t, language } = useText()
  const { incident, detail } = props
  const devices = useConsole((s) => s.devices)
  const places = useConsole((s) => s.places)
  const where = placeOfIncident(incident, devices, places, t)
  const contact = detail?.premises?.contact ?? where.contact
  const position = detail?.position ?? null
  const closed = incident.state === 'closed'
  const look = closed ? 'closed' : incident.verification
  return (
    <header className={`incident-head incident-${look} incident-of-${incident.severity}`}>
      <div className="incident-line">
        <SeverityBadge severity={incident.severity} hollow={!isUntaken(incident) || closed} />
        <Sureness incident={incident} />
        {incident.mode === 'real' ? null : <span className="tag tag-test">{t(`incident.mode.${incident.mode}`)}</span>}
        {incident.state === 'received' || incident.state === 'verified' ? null : (
          <span className="tag">{t(`incident.state.${incident.state}`)}</span>
        )}
        <span className="incident-age">
          {closed && incident.closedAt !== null ? (
            <At at={incident.closedAt} />
          ) : (
            <Running since={incident.noticedAt} />
          )}
        </span>
      </div>
      <h1>
        {titleOf(incident, t)}
        <span className="incident-types"> {alarmTypesOf(incident, language)}</span>
        {incident.alarms > 1 && incident.kind !== 'outage' ? (
          <span className="incident-count"> ×{incident.alarms}</span>
        ) : null}
      </h1>
      <p className="incident-place">
        <PlacePath names={detail?.placePath ?? where.path} emphasis />
        {where.what === '' ? null : <span className="device">{where.what}</span>}
      </p>
      <p className="incident-facts">
        {contact === null ? null : (
          <span>
            {t('detail.contact')} <a href={`tel:${contact}`}>{contact}</a>
          </span>
        )}
        {detail !== undefined && detail.people > 0 ? (
          <span>
            <Icon name="people" size={16} /> {t('incident.people', { n: detail.people })}
          </span>
        ) : null}
        <span>
          {t('incident.noticed')} <At at={incident.noticedAt} />
        </span>
        <Escalation incident={incident} />
        {position === null ? null : (
          <button
            type="button"
            className="button button-quiet"
            onClick={() => {
              go({ page: 'map' })
              view.change({ goTo: { ...position, zoom: STREET_ZOOM } })
            }}
          >
            <Icon name="locate" size={16} />
            {t('act.locate')}
          </button>
        )}
      </p>
    </header>
  )
}

/** Minutes and seconds while they count; later how long it has lasted. */
function Running({ since }: { readonly since: number }): ReactNode {
  const words = useTick((now) => (now - since < RUNNING_MS ? formatElapsed(now - since) : ''))
  return words === '' ? <Lasting since={since} /> : <span role="timer">{words}</span>
}

const ofIncident = (event: HydrantEvent): event is IncidentEvent => 'incident' in event

function Body(props: { readonly incident: Incident; readonly detail: IncidentDetail }): ReactNode {
  const { t, language } = useText()
  const { incident, detail } = props
  const [draft, setDraft] = useState<CallDraft>(NO_CALL)
  const { alarms, responders, premises } = detail
  const home = useHome(premises?.id ?? null)
  const open = incident.state !== 'closed'
  const events = detail.timeline.filter(ofIncident)
  const helped = alarms.find(callsForHelp) ?? alarms[0]
  const nameOf = (one: string): string => responders?.find((responder) => responder.id === one)?.name ?? one
  const onCall = (who: string, number: string): void => setDraft({ who, number })
  return (
    <div className="incident-body">
      <div className="incident-column">
        {isOfPeople(incident) && !isAboutWaterOnly(incident.sources) ? <Race incident={incident} /> : null}
        <IncidentPerson incident={incident} />
        {helped === undefined ? null : (
          <div className="panel panel-people">
            <PeopleHere alarm={helped} />
          </div>
        )}
        {home === undefined ? null : <StaffOnDuty home={home} onCall={onCall} />}
        {isOfPeople(incident) ? (
          <Responders incidentId={incident.id} open={open} responders={responders} events={events} onCall={onCall} />
        ) : null}
        <Calls incidentId={incident.id} open={open} events={events} draft={draft} />
        <Messages messages={detail.messages} events={events} />
      </div>
      <div className="incident-column">
        {home === undefined ? null : <FloorPlans home={home} incident={incident} alarms={alarms} />}
        <IncidentAlarms incident={incident} alarms={alarms} home={home} />
        {open && premises !== null && mayAct('incident.act') ? (
          <Reset placeId={premises.id} incident={incident} />
        ) : null}
        <section className="panel" aria-label={t('detail.timeline')}>
          <h2>{t('detail.timeline')}</h2>
          <CommentLine id={incident.id} />
          <Timeline events={storyOf(detail.timeline)} words={(event) => eventWords(event, { t, language, nameOf })} />
        </section>
        {premises === null ? null : <WatchModes target={{ placeId: premises.id }} modes={detail.watch} />}
      </div>
    </div>
  )
}

/** Staff have put the detectors back: what comes again within a minute is a fire. */
function Reset(props: { readonly placeId: string; readonly incident: Incident }): ReactNode {
  const { t } = useText()
  const [busy, setBusy] = useState(false)
  if (props.incident.kind !== 'fire' || props.incident.verification === 'confirmed') return null
  return (
    <p className="panel reset">
      <button
        type="button"
        className="button"
        disabled={busy}
        onClick={() => {
          setBusy(true)
          void post(`/api/places/${encodeURIComponent(props.placeId)}/reset`, {}).then((done) => {
            setBusy(false)
            if (done) view.say(t('incident.resetDone'))
          })
        }}
      >
        <Icon name="replay" />
        {t('incident.reset')}
      </button>
      <span className="quiet">{t('incident.resetHint')}</span>
    </p>
  )
}

function CommentLine({ id }: { readonly id: string }): ReactNode {
  const { t } = useText()
  const [words, setWords] = useState('')
  const [busy, setBusy] = useState(false)
  if (!mayAct('incident.act')) return null
  const send = async (): Promise<void> => {
    setBusy(true)
    if (await act(id, 'comment', { comment: words.trim() })) setWords('')
    setBusy(false)
  }
  return (
    <form
      className="comment-line"
      onSubmit={(event) => {
        event.preventDefault()
        if (words.trim() !== '') void send()
      }}
    >
      <input
        aria-label={t('act.commentLabel')}
        placeholder={t('act.commentHint')}
        maxLength={2000}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <button type="submit" className="button" disabled={busy || words.trim() === ''}>
        <Icon name="comment" size={16} />
        {t('act.send')}
      </button>
    </form>
  )
}
