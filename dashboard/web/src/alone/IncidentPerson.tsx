import type { ReactNode } from 'react'
import type { Incident } from '../../../../contract/incidents.ts'
import { Contacts } from './Contacts.tsx'
import { usePerson } from './PersonPanel.tsx'

/** On the page of an incident: whom of the person's own contacts to call now, and what they said. */
export function IncidentPerson({ incident }: { readonly incident: Incident }): ReactNode {
  const deviceId = incident.sources.find(({ type }) => type === 'noUse' || type === 'overUse')?.deviceId ?? null
  return deviceId === null ? null : <OfMeter deviceId={deviceId} />
}

function OfMeter({ deviceId }: { readonly deviceId: string }): ReactNode {
  const answer = usePerson(deviceId)
  if (answer.data === undefined) return null
  return (
    <div className="panel">
      <Contacts person={answer.data} onAnswered={answer.reload} />
    </div>
  )
}
