import { randomBytes } from 'node:crypto'
import type { Server as HttpServer } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { join } from 'node:path'
import cookie from '@fastify/cookie'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import type { Logger } from 'pino'
import { PlaceTree } from '../contract/place-tree.ts'
import { DiskGuard } from '../store/disk-guard.ts'
import { imageFolder } from '../store/files.ts'
import { ImageFolder } from '../store/images/folder.ts'
import type { CertificateWatch } from '../store/tls/certificate-watch.ts'
import { keepFresh, secureServerOptions } from '../store/tls/secure-server.ts'
import { guardRoutes, type RouteAccess } from './access/guard.ts'
import { PasswordCheck } from './access/password-check.ts'
import { RefusedSignIns } from './access/refused-sign-ins.ts'
import { addSecurityHeaders } from './access/security-headers.ts'
import { Sessions } from './access/sessions.ts'
import { LoginThrottle } from './access/throttle.ts'
import { AlarmActions } from './actions/alarm-actions.ts'
import { Commands } from './actions/commands.ts'
import { IncidentActions } from './actions/incident-actions.ts'
import { Replays } from './actions/replays.ts'
import { alarmRoutes } from './api/alarms.ts'
import { aloneRoutes } from './api/alone.ts'
import { auditRoutes } from './api/audit.ts'
import { capRoutes } from './api/cap.ts'
import { channelRoutes } from './api/channels.ts'
import { serveConsole } from './api/console.ts'
import { deviceRoutes } from './api/devices.ts'
import { describeRoutes, serveDocs } from './api/docs.ts'
import { dutyCheckRoutes } from './api/duty-checks.ts'
import { answerBadAddress, answerErrors } from './api/errors.ts'
import { eventRoutes } from './api/events.ts'
import { floorPlanRoutes } from './api/floor-plans.ts'
import { hazardRoutes } from './api/hazards.ts'
import { healthRoutes } from './api/health.ts'
import { homeRoutes } from './api/homes.ts'
import { importRoutes } from './api/imports.ts'
import { incidentRoutes } from './api/incidents.ts'
import { meRoutes } from './api/me.ts'
import { metricsRoutes } from './api/metrics.ts'
import { placeRoutes } from './api/places.ts'
import { plantRoutes } from './api/plants.ts'
import { quarantineRoutes } from './api/quarantine.ts'
import { rejectionRoutes } from './api/rejections.ts'
import { residentRoutes } from './api/residents.ts'
import { responderRoutes } from './api/responders.ts'
import { searchRoutes } from './api/search.ts'
import { sessionRoutes } from './api/session.ts'
import { signInRoutes } from './api/sign-in.ts'
import { staffRoutes } from './api/staff.ts'
import { summaryRoutes } from './api/summary.ts'
import { userRoutes } from './api/users.ts'
import { watchRoutes } from './api/watch.ts'
import { waterRoutes } from './api/water.ts'
import { waterTableRoutes } from './api/water-tables.ts'
import { workOrderActionRoutes } from './api/work-order-actions.ts'
import { workOrderRoutes } from './api/work-orders.ts'
import type { Config } from './config.ts'
import type { Desk, Stores } from './desk.ts'
import { Figures } from './figures.ts'
import { Census } from './homes/census.ts'
import { PremisesIndex } from './homes/premises.ts'
import { EventTail } from './live/event-tail.ts'
import { Fleet } from './live/fleet.ts'
import { FleetFeed } from './live/fleet-feed.ts'
import { LiveHub } from './live/hub.ts'
import { MutedConsoles } from './live/muted-consoles.ts'
import { Throughput } from './live/throughput.ts'
import { tileRoutes } from './tiles/routes.ts'
import { TileMaker } from './tiles/tile-maker.ts'
import { Waters } from './water/waters.ts'

/** Where `npm run prepare` puts the console. */
const WEB_ROOT = join(import.meta.dirname, '..', 'dist', 'web')
const MAX_BODY = 64 * 1024
/** A request that takes longer to arrive than this is somebody holding connections open. */
const REQUEST_TIMEOUT_MS = 30_000
const HANDSHAKE_TIMEOUT_MS = 5000
const PUBLISH_EVERY_MS = 1000
/** Bytes of randomness in the tiles' edition: two starts never share one. */
const EDITION_BYTES = 6

export interface DashboardOptions {
  readonly config: Config
  readonly stores: Stores
  readonly log: Logger
  readonly now?: () => number
  readonly webRoot?: string
  /** The console speaks https with it. Started; the caller stops it. */
  readonly certificate?: CertificateWatch
  /** Started; the caller stops it. Absent: nothing is said of the disk. */
  readonly disk?: DiskGuard
  /** How long a person waits for ingest's decision, ms. */
  readonly patienceMs?: number
}

export interface Dashboard {
  /** `http://host:port`, without a trailing slash. */
  readonly url: string
  /** Every route and the right it asks for. */
  readonly routes: readonly RouteAccess[]
  /** Stops serving; leaves the stores open. */
  close(): Promise<void>
}

/** Assembles the dashboard and starts serving. Rejects where the port is taken or a route declares no right. */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { config, stores, log } = options
  const now = options.now ?? Date.now
  const fleet = new Fleet()
  const commands = new Commands(stores.operatorLane, now, options.patienceMs)
  const places = new PlaceTree()
  const desk: Desk = {
    config,
    log,
    now,
    stores,
    fleet,
    places,
    premises: new PremisesIndex(places, fleet),
    census: new Census(stores, now),
    waters: new Waters(stores, places, fleet, { now, log }),
    images: new ImageFolder(imageFolder(config.dataDir)),
    tiles: new TileMaker(fleet, randomBytes(EDITION_BYTES).toString('base64url')),
    sessions: new Sessions(stores.accounts, { idleMs: config.sessionIdleMs, maxMs: config.sessionMaxMs }, now),
    passwords: new PasswordCheck(stores.accounts, new LoginThrottle(), now),
    refusedSignIns: new RefusedSignIns(),
    actions: new AlarmActions(commands, stores.views, stores.accounts, now),
    incidents: new IncidentActions(commands, { views: stores.views, places, fleet }, stores.accounts, now),
    replays: new Replays(commands, stores.views, stores.accounts, now),
    throughput: new Throughput(),
    muted: new MutedConsoles(),
    disk: options.disk ?? new DiskGuard(config.dataDir, undefined),
    figures: new Figures(options.certificate),
  }
  const tail = new EventTail(stores.views, config.tailMs, log)
  const hub = new LiveHub(desk, tail)
  const feed = new FleetFeed(stores, fleet, desk.places, log, (ids) => hub.sighted(ids))

  // Before the alarms are read: what changes meanwhile comes through the tail.
  await tail.begin()
  await feed.load()
  await desk.waters.begin()
  await loadActiveAlarms(desk)
  tail.onBatch(({ events }) => {
    const alarms = events.flatMap((event) => ('alarm' in event ? [event.alarm] : []))
    for (const alarm of alarms) {
      fleet.applyAlarm(alarm)
      desk.waters.losses.apply(alarm)
    }
    // A fire panel's point, registered by the decision that raised its alarm: consoles ask for its name next.
    if (alarms.some(({ deviceId }) => deviceId !== null && !fleet.has(deviceId))) feed.followRegistry()
    commands.observe(events)
  })

  const { app, routes } = await buildApp(desk, options.webRoot ?? WEB_ROOT, options.certificate)
  hub.attach(app.server)
  tail.start()
  feed.start()
  desk.waters.start()
  const publishing = setInterval(() => {
    stores.roleMetrics
      .publish('dashboard', now(), desk.figures.read())
      .catch((error: unknown) => log.warn({ err: error }, 'the dashboard’s figures could not be published'))
  }, PUBLISH_EVERY_MS)

  const close = async (): Promise<void> => {
    clearInterval(publishing)
    tail.stop()
    feed.stop()
    desk.waters.stop()
    await hub.close()
    await app.close()
  }
  try {
    const url = await app.listen({ host: config.host, port: config.port })
    return { url, routes: routes(), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function buildApp(
  desk: Desk,
  webRoot: string,
  certificate: CertificateWatch | undefined,
): Promise<{ readonly app: FastifyInstance; readonly routes: () => readonly RouteAccess[] }> {
  const { config, log } = desk
  const app = makeApp(certificate, {
    logger: false,
    bodyLimit: MAX_BODY,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    frameworkErrors: answerBadAddress,
    trustProxy: config.trustProxy.length > 0 ? [...config.trustProxy] : false,
  })
  app.server.on('tlsClientError', () => desk.figures.count('http_tls_handshakes_failed_total'))
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  // Only JSON is understood: a form of another site can send text/plain without asking first.
  app.removeContentTypeParser('text/plain')
  answerErrors(app, log)
  await app.register(cookie)
  addSecurityHeaders(app, config)
  const routes = guardRoutes(app, desk.sessions, config)
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    desk.figures.answered(request.method, route, reply.statusCode, reply.elapsedTime / 1000)
  })
  await describeRoutes(app)
  for (const plugin of [
    sessionRoutes,
    signInRoutes,
    meRoutes,
    userRoutes,
    alarmRoutes,
    incidentRoutes,
    watchRoutes,
    dutyCheckRoutes,
    deviceRoutes,
    quarantineRoutes,
    auditRoutes,
    channelRoutes,
    capRoutes,
    rejectionRoutes,
    eventRoutes,
    placeRoutes,
    residentRoutes,
    aloneRoutes,
    homeRoutes,
    staffRoutes,
    responderRoutes,
    floorPlanRoutes,
    hazardRoutes,
    waterRoutes,
    waterTableRoutes,
    workOrderRoutes,
    workOrderActionRoutes,
    plantRoutes,
    importRoutes,
    searchRoutes,
    summaryRoutes,
    healthRoutes,
    metricsRoutes,
    tileRoutes,
  ])
    await app.register(plugin(desk))
  await serveDocs(app)
  await serveConsole(app, webRoot)
  return { app, routes }
}

/** A Fastify that listens for http, or for https where there is a certificate. */
function makeApp(certificate: CertificateWatch | undefined, options: FastifyServerOptions): FastifyInstance {
  if (certificate === undefined) return Fastify(options)
  const https = {
    ...secureServerOptions(certificate),
    // People sign in; certificates of devices are for the other listener.
    requestCert: false,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  }
  // Fastify's types make another application of it; the rest of the dashboard need not know.
  const app = Fastify({ ...options, https } as FastifyServerOptions)
  const end = keepFresh(app.server as HttpServer & HttpsServer, certificate)
  app.addHook('onClose', async () => end())
  return app
}

/** Alarms read in one go. */
const ALARM_PAGE = 1000

async function loadActiveAlarms(desk: Desk): Promise<void> {
  let cursor: string | undefined
  do {
    const page = await desk.stores.views.alarms({ state: 'active', limit: ALARM_PAGE, cursor })
    for (const alarm of page.items) {
      desk.fleet.applyAlarm(alarm)
      desk.waters.losses.apply(alarm)
    }
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
}
