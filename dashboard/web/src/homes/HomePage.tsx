import { type ReactNode, useState } from 'react'
import type { HomeDetail } from '../../../../contract/home-answers.ts'
import { get } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { anyNews, useReload } from '../api/use-reload.ts'
import { HomeHazards } from '../hazards/HomeHazards.tsx'
import { useText } from '../i18n/text.ts'
import { Responders } from '../incident/Responders.tsx'
import { StaffOnDuty } from '../incident/StaffOnDuty.tsx'
import { Link } from '../shell/Link.tsx'
import { useConsole } from '../store/console.ts'
import { compareAlarms } from '../store/queue.ts'
import { HomeAlarms } from './HomeAlarms.tsx'
import { HomeDuty } from './HomeDuty.tsx'
import { HomeHead } from './HomeHead.tsx'
import { HomePeople } from './HomePeople.tsx'
import { HomePlans } from './HomePlans.tsx'
import { HomeRecord } from './HomeRecord.tsx'
import { HomeStaff } from './HomeStaff.tsx'
import { HomeTree } from './HomeTree.tsx'
import { HomeWatch } from './HomeWatch.tsx'

/** How the home stands is asked for again at most this often; its alarms are live. */
const GATHER_MS = 2000
/** Calls are written down where there is an incident. */
const noCall = (): void => undefined

/** One home or dwelling: what goes on, who is there, who can come, what it owes. */
export function HomePage({ id }: { readonly id: string }): ReactNode {
  const { t } = useText()
  const {
    data: home,
    failure,
    reload,
  } = useAnswer(`home ${id}`, (signal) => get<HomeDetail>(`/api/homes/${encodeURIComponent(id)}`, signal))
  useReload(anyNews, GATHER_MS, reload)
  const alarms = useConsole((s) => s.alarms)
  const incidents = useConsole((s) => s.incidents)
  const [floor, setFloor] = useState<string | null>(null)
  if (home === undefined && failure !== undefined)
    return (
      <div className="page">
        <p className="empty">
          {failure.status === 404 ? t('home.unknown', { id }) : t('error.unknown', { code: failure.code })}
          <Link to={{ page: 'homes' }} className="button">
            {t('homes.title')}
          </Link>
        </p>
      </div>
    )
  if (home === undefined) return <div className="page" />
  const places = new Set([home.id, ...home.places.map((place) => place.id)])
  const devices = new Set(home.items.map((item) => item.id))
  const own = [...alarms.values()]
    .filter((alarm) => devices.has(alarm.deviceId ?? '') || places.has(alarm.placeId ?? ''))
    .sort(compareAlarms)
  return (
    <div className="page home-page">
      <HomeHead home={home} />
      <div className="incident-body">
        <div className="incident-column">
          <HomeAlarms
            home={home}
            alarms={own}
            incidents={[...incidents.values()].filter(({ premisesId }) => premisesId === home.id)}
          />
          <HomePlans home={home} alarms={own} chosen={floor} choose={setFloor} reload={reload} />
          <HomeTree home={home} />
        </div>
        <div className="incident-column">
          <StaffOnDuty home={home} onCall={noCall} />
          <HomeStaff home={home} />
          <HomeDuty home={home} />
          <HomeWatch home={home} />
          <HomeHazards home={home} />
          <Responders
            incidentId=""
            open={false}
            responders={home.contacts?.responders ?? null}
            events={[]}
            onCall={noCall}
          />
          <HomePeople homeId={home.id} alarms={own} />
          <HomeRecord home={home} />
        </div>
      </div>
    </div>
  )
}
