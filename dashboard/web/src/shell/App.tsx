import { Component, lazy, type ReactNode, Suspense, useEffect, useLayoutEffect, useState } from 'react'
import type { Session } from '../../../../contract/api.ts'
import { AccountPage } from '../account/AccountPage.tsx'
import { UsersPage } from '../account/UsersPage.tsx'
import { AlonePage } from '../alone/AlonePage.tsx'
import { ApiFailure, get, whenSignedOut } from '../api/request.ts'
import { ChannelsPage } from '../channels/ChannelsPage.tsx'
import { DutyPage } from '../duty/DutyPage.tsx'
import { HazardPage } from '../hazards/HazardPage.tsx'
import { HazardsPage } from '../hazards/HazardsPage.tsx'
import { HomePage } from '../homes/HomePage.tsx'
import { HomesPage } from '../homes/HomesPage.tsx'
import { text } from '../i18n/text.ts'
import { IncidentPage } from '../incident/IncidentPage.tsx'
import { ReportPage } from '../incident/ReportPage.tsx'
import { KeysHelp } from '../keyboard/KeysHelp.tsx'
import { Palette } from '../keyboard/Palette.tsx'
import { AuditPage } from '../pages/AuditPage.tsx'
import { DevicePage } from '../pages/DevicePage.tsx'
import { DevicesPage } from '../pages/DevicesPage.tsx'
import { IncidentsPage } from '../pages/IncidentsPage.tsx'
import { QuarantinePage } from '../pages/QuarantinePage.tsx'
import { SignInPage } from '../pages/SignInPage.tsx'
import { SystemPage } from '../pages/SystemPage.tsx'
import { AlarmDrawer } from '../queue/AlarmDetail.tsx'
import { AlarmQueue } from '../queue/AlarmQueue.tsx'
import { consoleStore, useConsole } from '../store/console.ts'
import { useView } from '../store/view.ts'
import { FirstPage } from '../water/FirstPage.tsx'
import { OrderPage } from '../water/OrderPage.tsx'
import { OrdersPage } from '../water/OrdersPage.tsx'
import { PlantPage } from '../water/PlantPage.tsx'
import { PlantsPage } from '../water/PlantsPage.tsx'
import { WaterPage } from '../water/WaterPage.tsx'
import { ZonePage } from '../water/ZonePage.tsx'
import { CriticalBanner, LinkBanner, PasswordBanner } from './Banners.tsx'
import { NoticeBanner } from './NoticeBanner.tsx'
import { type Route, useRoute } from './route.ts'
import { connection } from './services.ts'
import { Toast } from './Toast.tsx'
import { TopBar } from './TopBar.tsx'

/** MapLibre is the larger half of the console: the queue does not wait for it. */
const MapPage = lazy(async () => ({ default: (await import('../map/MapPage.tsx')).MapPage }))

/** Before the session is known, this often. */
const ASK_AGAIN_MS = 2000

function Page({ route }: { readonly route: Route }): ReactNode {
  switch (route.page) {
    case 'map':
      return (
        <Suspense fallback={<div className="map" />}>
          <MapPage />
        </Suspense>
      )
    case 'devices':
      return <DevicesPage />
    case 'device':
      return <DevicePage id={route.id} key={route.id} />
    case 'incidents':
      return <IncidentsPage />
    case 'incident':
      return <IncidentPage id={route.id} key={route.id} />
    case 'report':
      return <ReportPage id={route.id} key={route.id} />
    case 'homes':
      return <HomesPage />
    case 'home':
      return <HomePage id={route.id} key={route.id} />
    case 'hazards':
      return <HazardsPage />
    case 'hazard':
      return <HazardPage id={route.id} key={route.id} />
    case 'duty':
      return <DutyPage />
    case 'alone':
      return <AlonePage />
    case 'water':
      return <WaterPage />
    case 'zone':
      return <ZonePage id={route.id} key={route.id} />
    case 'first':
      return <FirstPage />
    case 'orders':
      return <OrdersPage />
    case 'order':
      return <OrderPage id={route.id} key={route.id} />
    case 'plants':
      return <PlantsPage />
    case 'plant':
      return <PlantPage id={route.id} key={route.id} />
    case 'channels':
      return <ChannelsPage />
    case 'quarantine':
      return <QuarantinePage />
    case 'audit':
      return <AuditPage />
    case 'system':
      return <SystemPage />
    case 'account':
      return <AccountPage />
    case 'users':
      return <UsersPage />
  }
}

/** Hooks for tests and for the eye of a bench: set in the same frame in which the event is painted. */
function Marks(): ReactNode {
  const seq = useConsole((s) => s.seq)
  const live = useConsole((s) => s.link === 'live')
  useLayoutEffect(() => {
    document.documentElement.dataset.seq = String(seq)
  }, [seq])
  useLayoutEffect(() => {
    document.documentElement.dataset.connected = String(live)
  }, [live])
  return null
}

function Console(): ReactNode {
  const route = useRoute()
  const wall = useView((v) => v.wall)
  const lost = useConsole((s) => s.link === 'lost')
  useEffect(() => {
    document.documentElement.classList.toggle('is-wall', wall)
  }, [wall])
  return (
    <div className={`console page-${route.page}${lost ? ' is-lost' : ''}`}>
      <TopBar />
      <div className="banners">
        <LinkBanner />
        <NoticeBanner />
        <PasswordBanner />
      </div>
      <div className="stage">
        <div className="left">
          <CriticalBanner />
          <main className="main">
            <Page route={route} />
          </main>
        </div>
        <AlarmDrawer />
        <AlarmQueue />
      </div>
      <Palette />
      <KeysHelp />
      <Toast />
    </div>
  )
}

/** Finds out who is at the console, and keeps finding out while the server is away. */
export function App(): ReactNode {
  const session = useConsole((s) => s.session)
  const [everIn, setEverIn] = useState(false)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    whenSignedOut(() => connection.stop())
    const ask = async (): Promise<void> => {
      try {
        signedIn(await get<Session>('/api/session'))
      } catch (error) {
        if (error instanceof ApiFailure && error.status === 401)
          consoleStore.update((state) => ({ ...state, session: null }))
        else timer = setTimeout(() => void ask(), ASK_AGAIN_MS)
      }
    }
    void ask()
    return () => clearTimeout(timer)
  }, [])
  useEffect(() => {
    if (session) setEverIn(true)
  }, [session])
  return (
    <>
      <Marks />
      {session === undefined ? (
        <p className="starting quiet" role="status">
          {text('link.connecting')}
        </p>
      ) : session === null ? (
        <SignInPage expired={everIn} onSignedIn={signedIn} />
      ) : (
        <Console />
      )}
    </>
  )
}

function signedIn(session: Session): void {
  consoleStore.update((state) => ({ ...state, session }))
  connection.start()
}

/** A defect in one part must not take the alarms off the screen for good. */
export class Guard extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  override state = { failed: false }
  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true }
  }
  override render(): ReactNode {
    if (!this.state.failed) return this.props.children
    return (
      <main className="sign-in" role="alert">
        <div className="sign-in-card">
          <h1>{text('error.crash')}</h1>
          <p>{text('error.crashHint')}</p>
          <button type="button" className="button button-primary" onClick={() => location.reload()}>
            {text('error.reload')}
          </button>
        </div>
      </main>
    )
  }
}
