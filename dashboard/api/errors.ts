import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify'
import { hasZodFastifySchemaValidationErrors, type ZodFastifySchemaValidationError } from 'fastify-type-provider-zod'
import type { Logger } from 'pino'
import { HistoryUnavailable } from '../../store/history/port.ts'

interface ErrorFacts {
  readonly status: number
  readonly message: string
  readonly todo?: string
}

/** The one table of what the API answers when it cannot do what was asked. */
export const ERRORS = {
  'request.invalid': { status: 400, message: 'The request is not valid.', todo: 'See /docs for what is expected.' },
  'request.too-large': {
    status: 413,
    message: 'The request is too large.',
    todo: 'Send at most 64 KiB; for tables, plans and photographs /docs says how much.',
  },
  'request.media-type': { status: 415, message: 'The body is not JSON.', todo: 'Send Content-Type: application/json.' },
  'session.none': {
    status: 401,
    message: 'Not signed in.',
    todo: 'Sign in, or send a bearer token (`npm run hydrant -- token add NAME --role viewer` makes one).',
  },
  'session.ended': { status: 401, message: 'The session has ended.', todo: 'Sign in again.' },
  'token.unknown': {
    status: 401,
    message: 'The bearer token is not known.',
    todo: 'Make a new one with `npm run hydrant -- token add NAME --role viewer`.',
  },
  'right.missing': {
    status: 403,
    message: 'Your role does not allow this.',
    todo: 'Ask an administrator for a role that does.',
  },
  'use.hidden': {
    status: 403,
    message: 'What a household draws shows when somebody is at home: your role is not told.',
    todo: 'The roles water and admin are, and care of those who are watched by their meter. Whether it leaks, and why, `GET /api/water/meters/{id}` tells everybody.',
  },
  'use.few': {
    status: 403,
    message:
      'So few households are metered here that the sums would show when somebody is at home: your role is not told.',
    todo: 'The roles water and admin are. What is lost at night, `GET /api/water/zones/{id}` tells everybody.',
  },
  'origin.foreign': {
    status: 403,
    message: 'The request does not come from this console.',
    todo: 'Programs use a bearer token instead of the session cookie; behind a proxy set HYDRANT_PUBLIC_URL.',
  },
  'login.wrong': {
    status: 401,
    message: 'The name or the password is wrong.',
    todo: 'Without a password yet, ask for a link: `npm run hydrant -- user link NAME`.',
  },
  'login.wait': {
    status: 429,
    message: 'Too many wrong passwords from here.',
    todo: 'Wait as long as Retry-After says.',
  },
  'login.busy': {
    status: 429,
    message: 'Too many sign-ins at once.',
    todo: 'Try again in a second.',
  },
  'password.wrong': { status: 403, message: 'The present password is wrong.' },
  'account.session-only': {
    status: 403,
    message: 'Only a signed-in person has a password and sessions.',
    todo: 'Sign in to the console.',
  },
  'session.unknown': { status: 404, message: 'You have no such session; it may have ended already.' },
  'user.unknown': { status: 404, message: 'There is no user of that name.' },
  'user.exists': { status: 409, message: 'There is already a user of that name.' },
  'user.disabled': { status: 409, message: 'This user is disabled.', todo: 'Enable them first.' },
  'user.last-admin': {
    status: 409,
    message: 'Nobody would be left who may administer.',
    todo: 'Make somebody else an administrator first.',
  },
  'resident.unknown': { status: 404, message: 'There is no resident of that id.' },
  'resident.not-involved': {
    status: 403,
    message: 'No open alarm that calls for help concerns the people there.',
    todo: 'Your role is told of residents from the alarm’s raise until it is closed. Ask the home or the care service.',
  },
  'place.unknown': { status: 404, message: 'There is no place of that id.' },
  'home.unknown': { status: 404, message: 'There is no home or dwelling of that id.' },
  'staff.unknown': { status: 404, message: 'There is nobody of that id among the staff.' },
  'responder.unknown': { status: 404, message: 'There is no responder of that id.' },
  'responder.nowhere': {
    status: 400,
    message: 'A responder needs a position, or the one place that is served.',
  },
  'plan.unknown': { status: 404, message: 'This place has no plan.' },
  'plan.not-there': {
    status: 400,
    message: 'Only a home, a dwelling and what lies in them has a plan.',
    todo: 'Name a floor; `GET /api/homes/{id}` lists them.',
  },
  'plan.device-elsewhere': {
    status: 400,
    message: 'A device on a plan must be registered in the same home.',
    todo: 'Say where the device is (`npm run hydrant -- device add ID --place PLACE`), then put it on the plan.',
  },
  'image.none': {
    status: 415,
    message: 'There is no picture in the request.',
    todo: 'Send the file itself as the body, with Content-Type: image/png, image/jpeg, image/webp or image/svg+xml.',
  },
  'image.unknown': {
    status: 415,
    message: 'This is no picture that every browser can show.',
    todo: 'Send PNG, JPEG or WebP; a plan may be SVG. A photograph in HEIC has to be converted first.',
  },
  'image.damaged': { status: 400, message: 'The picture is damaged or was cut short.', todo: 'Export it anew.' },
  'image.too-large': {
    status: 413,
    message: 'The picture is too large.',
    todo: 'A plan may have 4 MiB, a photograph 8 MiB, and each at most 64 million pixels.',
  },
  'image.program': {
    status: 400,
    message: 'The drawing holds a program.',
    todo: 'Export it as plain SVG, without scripts, links that run something, and entities.',
  },
  'image.missing': {
    status: 500,
    message: 'The picture is missing or damaged on disk.',
    todo: 'Put it back from a backup (hydrant restore), or send it again. The dashboard’s log names the file.',
  },
  'disk.nearly-full': {
    status: 507,
    message: 'The disk is nearly full: what is left of it is for alarms.',
    todo: 'Free disk space under HYDRANT_DATA_DIR, then try again.',
  },
  'table.none': {
    status: 415,
    message: 'There is no table in the request.',
    todo: 'Send the file itself as the body, with Content-Type: text/csv.',
  },
  'table.unreadable': {
    status: 400,
    message: 'The table cannot be read.',
    todo: 'Its first line must name the columns; save it as CSV.',
  },
  'alone.unknown': { status: 404, message: 'Nobody is watched by this meter.' },
  'alone.no-meter': {
    status: 409,
    message: 'This is no water meter of a household.',
    todo: 'Name the meter by its device id, as the list of devices shows it.',
  },
  'alone.not-away': { status: 409, message: 'They are not away.' },
  'alone.wrong-dates': {
    status: 400,
    message: 'An absence ends after it begins, and ends in the future.',
    todo: 'Leave the end open where nobody knows it: water that runs again ends it.',
  },
  'hazard.unknown': { status: 404, message: 'There is no hazard of that id.' },
  'hazard.closed': {
    status: 409,
    message: 'It has been closed.',
    todo: 'What has come back is a new hazard: open one.',
  },
  'hazard.not-claimed': {
    status: 409,
    message: 'Nobody has said yet that it is done.',
    todo: 'It is judged when it is claimed to be done.',
  },
  'hazard.claimed-already': { status: 409, message: 'It has been claimed to be done, and waits for the verdicts.' },
  'hazard.not-your-verdict': {
    status: 403,
    message: 'This verdict is another party’s.',
    todo: 'Care judges whether it is put right, fire whether it is up to standard, a dispatcher whether the people are satisfied.',
  },
  'hazard.one-verdict-each': {
    status: 403,
    message: 'You have given another of the three verdicts already.',
    todo: 'Each of the three is somebody else’s.',
  },
  'hazard.reason-missing': { status: 400, message: 'Whoever does not agree has to say why.' },
  'hazard.photographed-already': { status: 409, message: 'This photograph is there already.' },
  'hazard.too-many-photographs': { status: 409, message: 'A hazard keeps at most 20 photographs.' },
  'order.unknown': { status: 404, message: 'There is no work order of that id.' },
  'order.open-already': {
    status: 409,
    message: 'There is an open work order for it already.',
    todo: 'Go on with that one: `GET /api/water/orders` lists it.',
  },
  'order.closed': {
    status: 409,
    message: 'The work order is closed.',
    todo: 'What leaks again is a new one: open it.',
  },
  'order.not-assigned': {
    status: 409,
    message: 'Nobody has been assigned yet.',
    todo: 'Assign it, then claim it repaired.',
  },
  'order.claimed-already': { status: 409, message: 'It has been claimed repaired, and waits for what the water says.' },
  'order.repaired-when': {
    status: 400,
    message: 'The repair must lie between the beginning of the loss and now.',
  },
  'order.no-loss': {
    status: 400,
    message: 'No loss of it is open now.',
    todo: 'Say in `m3h` how much is to be ended.',
  },
  'order.nothing-to-repair': {
    status: 400,
    message: 'A repair is for a zone (a meter well, a village, a township, a county) or for a water meter.',
  },
  'order.photographed-already': { status: 409, message: 'This photograph is there already.' },
  'order.too-many-photographs': { status: 409, message: 'A work order keeps at most 20 photographs.' },
  'plant.unknown': { status: 404, message: 'There is no plant of that id.' },
  'alarm.unknown': { status: 404, message: 'There is no alarm of that id.' },
  'incident.unknown': { status: 404, message: 'There is no incident of that id.' },
  'duty-check.unknown': { status: 404, message: 'There is no duty check of that id.' },
  'channel.unknown': { status: 404, message: 'There is no channel of that id.' },
  'channel.exists': { status: 409, message: 'There is already a channel of that name.' },
  'channel.invalid': { status: 400, message: 'The channel cannot be used so.' },
  'message.not-dead': { status: 404, message: 'There is no dead letter of that id.' },
  'cap.unknown': { status: 404, message: 'There is no incident of that id that is told to machines.' },
  'device.unknown': {
    status: 404,
    message: 'There is no device of that id.',
    todo: '`npm run hydrant -- device list` shows what is registered.',
  },
  'quarantine.unknown': { status: 404, message: 'There is nothing of that number in quarantine.' },
  'quarantine.replayed': { status: 409, message: 'It has been replayed already and was understood.' },
  'quarantine.not-replayable': {
    status: 409,
    message: 'Only what a device said can be replayed: telemetry, a gateway’s message, a raw frame, attributes.',
  },
  'route.unknown': { status: 404, message: 'There is no such address in the API.', todo: 'See /docs.' },
  'zone.unknown': {
    status: 404,
    message: 'There is no zone of that id.',
    todo: 'A zone is a well, village, township or county with water meters; `GET /api/water/zones` lists them.',
  },
  'range.too-long': { status: 400, message: 'That is too long a time for one answer.', todo: 'Ask for parts of it.' },
  'range.backwards': { status: 400, message: '`from` must be before `to`.' },
  'quantity.not-a-number': {
    status: 400,
    message: 'This quantity is no number, so there is nothing to draw.',
    todo: 'Use /readings for it.',
  },
  'history.away': {
    status: 503,
    message: 'The history cannot be read now.',
    todo: 'Alarms and latest values are not affected; nothing that arrives is lost. Look at /readyz and at the log of ingest.',
  },
  'tile.outside': { status: 400, message: 'There is no such tile: zoom 0 to 16, x and y within it.' },
  'command.pending': {
    status: 504,
    message: 'Your command is stored, but nothing has decided on it yet.',
    todo: 'It takes effect as soon as ingest is running. Do not repeat it; look at /readyz.',
  },
  'command.refused': { status: 409, message: 'The command was refused.' },
  'command.not-stored': {
    status: 503,
    message: 'Your command could not be stored, so nothing has changed.',
    todo: 'Free disk space or repair the disk under HYDRANT_DATA_DIR, then try again.',
  },
  'server.failed': {
    status: 500,
    message: 'Hydrant failed on this request (a defect).',
    todo: 'Please report it with the time; the dashboard’s log has the details.',
  },
} as const satisfies Record<string, ErrorFacts>

export type ErrorCode = keyof typeof ERRORS

export interface ErrorAnswer {
  readonly error: { readonly code: string; readonly message: string; readonly todo?: string }
}

/** An answer from the table, thrown from anywhere. `message` makes the sentence more exact. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly code: ErrorCode
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly publicCode: string
  /** @param publicCode what the client is told instead of `code`, where the decision was ingest's */
  constructor(
    code: ErrorCode,
    message?: string,
    options: { readonly headers?: Readonly<Record<string, string>>; readonly publicCode?: string } = {},
  ) {
    super(message ?? ERRORS[code].message)
    this.code = code
    this.status = ERRORS[code].status
    this.headers = options.headers ?? {}
    this.publicCode = options.publicCode ?? code
  }

  answer(): ErrorAnswer {
    const facts: ErrorFacts = ERRORS[this.code]
    return {
      error: {
        code: this.publicCode,
        message: this.message,
        ...(facts.todo === undefined ? {} : { todo: facts.todo }),
      },
    }
  }
}

/** Every answer that is no success goes through here: table errors, bad requests in words, and defects without a trace. */
export function answerErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error: FastifyError | ApiError, request, reply) => {
    const known = asApiError(error)
    if (known.code === 'server.failed')
      log.error({ err: error, method: request.method, route: request.routeOptions.url }, 'a request failed')
    return reply.code(known.status).headers(known.headers).send(known.answer())
  })
}

/** Addresses that Fastify refuses before it looks for a route (`%ff`, endless parameters) never reach the handler above. */
export function answerBadAddress(error: FastifyError, _request: unknown, reply: FastifyReply): void {
  const status = error.statusCode ?? ERRORS['request.invalid'].status
  reply.code(status).send(new ApiError('request.invalid', 'The address cannot be read.').answer())
}

/** Fastify's own refusals that are the client's doing. */
const OF_FASTIFY: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'request.too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'request.media-type',
}

function asApiError(error: FastifyError | ApiError): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof HistoryUnavailable)
    return new ApiError('history.away', `The history cannot be read now. ${error.message}.`)
  if (hasZodFastifySchemaValidationErrors(error)) {
    const [first] = error.validation as ZodFastifySchemaValidationError[]
    return new ApiError('request.invalid', first === undefined ? undefined : sentence(first, error.validationContext))
  }
  const code = OF_FASTIFY[error.code]
  if (code !== undefined) return new ApiError(code)
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return new ApiError('request.invalid', error.message)
  return new ApiError('server.failed')
}

const WHERE: Readonly<Record<string, string>> = {
  querystring: 'in the query',
  body: 'in the body',
  params: 'in the address',
  headers: 'in the headers',
}

/** "`limit` in the query: Too big: expected number to be <=1000". */
function sentence(problem: ZodFastifySchemaValidationError, context: string | undefined): string {
  const field = problem.instancePath.replace(/^\//, '').replaceAll('/', '.')
  const where = WHERE[context ?? ''] ?? 'in the request'
  const what = problem.message ?? 'not valid'
  return field === '' ? `The request is not valid ${where}: ${what}` : `\`${field}\` ${where}: ${what}`
}
