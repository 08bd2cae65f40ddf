import { z } from 'zod'

/**
 * The one table of settings: every environment variable that Hydrant reads, what it must be, its default, and what it is
 * for. A role picks what it needs; nothing else in the project says what a variable may hold.
 */

const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most)
const port = count(0, 65_535)
const PORT = 'a port from 1 to 65535, or 0 for any free one'
const hours = z.coerce.number().positive()
/** Where GB/T 26875.3 listens when nobody says where: the number of the standard. */
export const USUAL_GB26875_PORT = 26_875
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

export const SETTINGS = {
  HYDRANT_DATA_DIR: {
    value: z.string().default('./data'),
    mustBe: 'a folder',
    about: 'Everything that is kept.',
  },
  HYDRANT_LOG_LEVEL: {
    value: z.enum(LOG_LEVELS).default('info'),
    mustBe: `one of ${LOG_LEVELS.join(', ')}`,
    about: 'How much the roles write to their logs.',
  },
  HYDRANT_DEMO: {
    value: z.enum(['0', '1']).default('1'),
    mustBe: '0 (without the demo city) or 1',
    about: '0: npm start without the demo city.',
  },
  HYDRANT_MQTT_HOST: {
    value: z.string().default('127.0.0.1'),
    mustBe: 'an address to listen on',
    about: 'Where devices connect. Nothing listens beyond this machine unless you say so.',
  },
  HYDRANT_MQTT_PORT: {
    value: port.default(1883),
    mustBe: PORT,
    about: 'MQTT over TCP and over WebSocket, same port.',
  },
  HYDRANT_MQTTS_HOST: {
    value: z.string().default('127.0.0.1'),
    mustBe: 'an address to listen on',
    about: 'Where devices connect over TLS, once there is a certificate. 0.0.0.0: from everywhere.',
  },
  HYDRANT_MQTTS_PORT: {
    value: port.default(8883),
    mustBe: PORT,
    about: 'MQTT over TLS and over secure WebSocket, same port. Nothing listens on it without a certificate.',
  },
  HYDRANT_MQTT_FIRE_PORT: {
    value: port.optional(),
    mustBe: PORT,
    about:
      'One more MQTT port on HYDRANT_MQTT_HOST, for fire and care devices only: after a restart it opens first, and no city of meters stands before them.',
  },
  HYDRANT_MQTTS_FIRE_PORT: {
    value: port.optional(),
    mustBe: PORT,
    about: 'The same over TLS, on HYDRANT_MQTTS_HOST.',
  },
  HYDRANT_MQTT_MAX_PACKET: {
    // The contract's 64 KiB. MQTT itself ends at 256 MiB; beyond 16 MiB a commit group would no longer be short.
    value: count(1024, 16 * 1024 * 1024).default(64 * 1024),
    mustBe: 'a number of bytes from 1024 to 16777216',
    about: 'Largest payload of a publish, bytes.',
  },
  HYDRANT_MQTT_MAX_CONNECT: {
    // A device id twice, a secret of 43 characters, a will of a few readings. Before sign-in nothing larger is held.
    value: count(256, 64 * 1024).default(1024),
    mustBe: 'a number of bytes from 256 to 65536',
    about: 'Largest CONNECT, its will included, bytes.',
  },
  HYDRANT_MQTT_MAX_TOPIC: {
    // The longest topic of the contract has 107 bytes.
    value: count(107, 65_535).default(256),
    mustBe: 'a number of bytes from 107 to 65535',
    about: 'Longest topic or filter, bytes.',
  },
  HYDRANT_MQTT_MAX_FILTERS: {
    // A device has one filter to ask for, in two spellings.
    value: count(2, 1000).default(8),
    mustBe: 'a number of filters from 2 to 1000',
    about: 'Filters in one SUBSCRIBE or UNSUBSCRIBE.',
  },
  HYDRANT_MQTT_CONNECT_SECONDS: {
    value: z.coerce.number().min(0.1).max(300).default(5),
    mustBe: 'a number of seconds from 0.1 to 300',
    about: 'Time from the opening of a connection to its whole CONNECT.',
  },
  HYDRANT_MQTT_CONNECT_RATE: {
    // ADR 16: 297,000 meters in 40 s, and a full door in two, below the least patience of client libraries (5 s).
    value: count(0, 1_000_000).default(8000),
    mustBe: 'a number a second from 0 to 1000000, 0 for no limit',
    about:
      'Sign-ins a second after a restart: fire and care devices first, then one address after the other. 0: no limit.',
  },
  HYDRANT_MQTT_MAX_CONNECTIONS: {
    // Below the 20,000 open files of the reference machine.
    value: count(1, 1_000_000).default(16_000),
    mustBe: 'a number of connections from 1 to 1000000',
    about: 'Connections at the same time.',
  },
  HYDRANT_MQTT_MAX_PER_ADDRESS: {
    // One address may be a mobile operator's NAT with the whole fleet behind it. A quarter of the door stays for others.
    value: count(1, 1_000_000).default(12_000),
    mustBe: 'a number of connections from 1 to 1000000',
    about: 'Connections from one address (IPv6: from one /64) at the same time.',
  },
  HYDRANT_MQTT_MAX_STRANGERS: {
    // Ten thousand meters behind one NAT that come back together must not be taken for an attack.
    value: count(1, 1_000_000).default(10_000),
    mustBe: 'a number of connections from 1 to 1000000',
    about: 'Of these, how many may still owe their CONNECT; for one more, the one that has waited longest goes.',
  },
  HYDRANT_MQTT_SIGN_IN_FAILURES: {
    // More than a person's or an importer's mistakes, less than the thousands a second that guessing would need.
    value: z.coerce.number().min(0.1).max(100_000).default(20),
    mustBe: 'a number a second from 0.1 to 100000',
    about: 'Refused sign-ins a second and address that are answered at once; beyond it the refusal comes late.',
  },
  HYDRANT_MQTT_TAKEOVERS: {
    value: count(0, 1000).default(10),
    mustBe: 'a number a minute from 0 to 1000, 0 for no limit',
    about: 'How often a minute clients with the same identity may throw each other out. 0: no limit.',
  },
  HYDRANT_MQTT_RATE: {
    value: z.coerce.number().min(0).max(1_000_000).default(1),
    mustBe: 'a number of messages a second and device, 0 for no limit',
    about:
      'Messages a second and device; two hundred times as many for fire and care devices. 0: no limit, of bytes neither.',
  },
  HYDRANT_MQTT_BURST: {
    value: count(1, 1_000_000).default(20),
    mustBe: 'a number of messages from 1 to 1000000',
    about: 'Messages that a device may send at once after a silence.',
  },
  HYDRANT_MQTT_MESSAGE_BYTES: {
    // A meter's whole day has 2 kB. Rate and burst are multiplied by it: 8 KiB a second, 160 KiB at once.
    value: count(0, 16 * 1024 * 1024).default(8192),
    mustBe: 'a number of bytes from 0 to 16777216, 0 for no limit',
    about: 'Bytes that the messages of a device may have on average; who sends larger ones may send fewer. 0: any.',
  },
  HYDRANT_MQTT_GATEWAY_MOST: {
    value: count(1, 1_000_000).default(1000),
    mustBe: 'a number of devices from 1 to 1000000',
    about: 'A gateway may send for each of its devices, but never more than so many meters may.',
  },
  HYDRANT_GB26875_HOST: {
    value: z.string().default('127.0.0.1'),
    mustBe: 'an address to listen on',
    about:
      'Where the transmission devices of fire panels connect (GB/T 26875.3). The protocol knows no secret and no TLS.',
  },
  HYDRANT_GB26875_PORT: {
    // Without a default: a taken port that nobody asked for must not keep the broker from starting.
    value: port.optional(),
    mustBe: PORT,
    about: 'GB/T 26875.3 over TCP and over UDP, same number. Default: 26875, where it is free.',
  },
  HYDRANT_GB26875_IDLE_SECONDS: {
    // EN 54-21: a fault of the path is noticed within 100 s. Devices send a heartbeat every 20 to 30 s.
    value: z.coerce.number().min(1).max(86_400).default(100),
    mustBe: 'a number of seconds from 1 to 86400',
    about: 'A transmission device that says nothing for so long, and does not answer either, is disconnected.',
  },
  HYDRANT_GB26875_MAX_CONNECTIONS: {
    value: count(1, 1_000_000).default(4000),
    mustBe: 'a number of connections from 1 to 1000000',
    about: 'Transmission devices at the same time.',
  },
  HYDRANT_JOURNAL_KEEP_HOURS: {
    // Not 0: after a power cut the cursors may fall back a little, and must then still find their records.
    value: z.coerce.number().min(1).max(87_600).default(72),
    mustBe: 'a number of hours from 1 to 87600',
    about: 'How long the journal keeps what every reader has read.',
  },
  HYDRANT_JOURNAL_MAX_GB: {
    // A city of 300,000 meters writes 0.3 GB a day: ten days of it, or a bound where something talks much more.
    value: z.coerce.number().min(0.001).max(1_000_000).default(10),
    mustBe: 'a number of gigabytes from 0.001 to 1000000',
    about: 'How much of it the journal keeps; what was not read yet, and the last hour, stay in any case.',
  },
  HYDRANT_DISK_GUARD_MB: {
    value: z.coerce.number().min(1).max(100_000_000).optional(),
    mustBe: 'a number of megabytes from 1 to 100000000',
    about:
      'Free space below which meters are held back so that fire alarms have room. Default: 1000, or a tenth of a smaller disk.',
  },
  HYDRANT_HISTORY: {
    value: z.enum(['embedded', 'influx']).default('embedded'),
    mustBe: 'embedded or influx',
    about: 'Where readings are kept: in HYDRANT_DATA_DIR, or in an InfluxDB (1.x, 2.x or 3).',
  },
  HYDRANT_INFLUX_URL: {
    value: z
      .url({ protocol: /^https?$/ })
      .refine((url) => !/^[^/]*\/\/[^/]*@/.test(url))
      .optional(),
    mustBe: 'the address of an InfluxDB, for example http://127.0.0.1:8086, without a name and password in it',
    about: 'The address of the InfluxDB, for example http://127.0.0.1:8086.',
    neededBy: ['HYDRANT_HISTORY', 'influx'],
  },
  HYDRANT_INFLUX_TOKEN: {
    value: z.string().optional(),
    mustBe: 'a token, or user:password',
    about: 'Its token; for InfluxDB 1.x user:password, where it asks for one.',
  },
  HYDRANT_INFLUX_TOKEN_FILE: {
    value: z.string().optional(),
    mustBe: 'a file',
    about: 'A file that holds the token instead, for secrets that are mounted.',
  },
  HYDRANT_INFLUX_ORG: {
    value: z.string().optional(),
    mustBe: 'the name of an organization',
    about: 'The organization that owns the bucket (InfluxDB 2.x).',
  },
  HYDRANT_INFLUX_BUCKET: {
    value: z.string().optional(),
    mustBe: 'the name of a bucket (InfluxDB 2.x) or database (1.x, 3)',
    about: 'The bucket (InfluxDB 2.x) or database (1.x, 3) that readings are written to.',
    neededBy: ['HYDRANT_HISTORY', 'influx'],
  },
  HYDRANT_WATER_PRICE_YUAN: {
    // An assumption, about what a household in a Chinese city pays for a cubic metre of tap water: every supplier has its own.
    value: z.coerce.number().min(0).max(1000).default(3),
    mustBe: 'a number of yuan from 0 to 1000',
    about:
      'What a lost cubic metre of water is reckoned at, yuan. 3 is only an assumption: put in the supplier’s price.',
  },
  HYDRANT_TAIL_MS: {
    value: z.coerce.number().min(1).max(1000).default(3),
    mustBe: 'a number of milliseconds from 1 to 1000',
    about: 'How often the logs are looked at while nothing happens.',
  },
  HYDRANT_HTTP_HOST: {
    value: z.string().default('127.0.0.1'),
    mustBe: 'an address to listen on',
    about: 'Where the console listens.',
  },
  HYDRANT_HTTP_PORT: {
    value: port.default(8080),
    mustBe: PORT,
    about: 'Console, API (/docs), /healthz, /readyz, /metrics.',
  },
  HYDRANT_PUBLIC_URL: {
    value: z.url({ protocol: /^https?$/ }).optional(),
    mustBe: 'the address people type, for example https://hydrant.example.cn',
    about:
      'The address people type: where a proxy with TLS stands in front, and for the links in messages. https: cookies travel over TLS only.',
  },
  HYDRANT_TRUST_PROXY: {
    value: z.string().optional(),
    mustBe: 'addresses separated by commas',
    about: 'Addresses of proxies whose X-Forwarded-For is believed, separated by commas.',
  },
  HYDRANT_HTTP_TLS: {
    value: z.enum(['0', '1']).default('1'),
    mustBe: '0 (plain HTTP in any case) or 1',
    about: 'With a certificate the console speaks https. 0: plain http all the same, for a proxy in front of it.',
  },
  HYDRANT_TLS_CERT: {
    value: z.string().optional(),
    mustBe: 'a file',
    about: 'Certificate in PEM, the intermediate ones behind it. `hydrant tls init` makes one to begin with.',
  },
  HYDRANT_TLS_KEY: {
    value: z.string().optional(),
    mustBe: 'a file',
    about: 'Its private key in PEM. Both files are read again when they change: nobody is disconnected.',
  },
  HYDRANT_TLS_CLIENT_CA: {
    value: z.string().optional(),
    mustBe: 'a file',
    about: 'Who signs certificates of devices (PEM): one with the device id as its name needs no password.',
  },
  HYDRANT_ALLOW_PLAIN: {
    value: z.enum(['0', '1']).default('0'),
    mustBe: '0 or 1',
    about: '1: MQTT and HTTP without TLS also where other machines reach them. Secrets then travel in the clear.',
  },
  HYDRANT_MASTER_KEY_FILE: {
    value: z.string().optional(),
    mustBe: 'a file',
    about: 'Master of the derived device keys, 32 bytes or more, readable by its owner only.',
  },
  HYDRANT_SESSION_IDLE_HOURS: {
    // One shift.
    value: hours.default(12),
    mustBe: 'a number of hours greater than 0',
    about: 'A console that nobody has open for this long is signed out.',
  },
  HYDRANT_SESSION_MAX_HOURS: {
    // A week.
    value: hours.default(168),
    mustBe: 'a number of hours greater than 0',
    about: 'Everyone signs in anew after this long.',
  },
} as const satisfies Record<string, SettingFacts>

interface SettingFacts {
  readonly value: z.ZodType
  readonly mustBe: string
  readonly about: string
  /** The setting, and its value, that this one cannot be left out with. */
  readonly neededBy?: readonly [string, string]
}

/** Whether only this machine reaches what listens on `host`. */
export const isLoopback = (host: string): boolean => host === '127.0.0.1' || host === '::1' || host === 'localhost'

export type SettingName = keyof typeof SETTINGS
export type Values<Name extends SettingName> = { readonly [N in Name]: z.output<(typeof SETTINGS)[N]['value']> }

/** The environment cannot be used: one plain sentence per variable, all of them at once. */
export class BadSettings extends Error {
  override name = 'BadSettings'
  readonly sentences: readonly string[]
  constructor(sentences: readonly string[]) {
    super(sentences.join('\n'))
    this.sentences = sentences
  }
}

/**
 * The settings of these names. An empty variable counts as absent: that is what `.env` and compose files make of "not set".
 * @throws BadSettings
 */
export function readSettings<Name extends SettingName>(
  names: readonly Name[],
  env: Readonly<Record<string, string | undefined>>,
): Values<Name> {
  const values: Partial<Record<Name, unknown>> = {}
  const sentences: string[] = []
  for (const name of names) {
    const given = env[name] === '' ? undefined : env[name]
    const { value, mustBe } = SETTINGS[name]
    const read = value.safeParse(given)
    if (read.success) values[name] = read.data
    else sentences.push(`${name} is "${withoutCredentials(given)}", but it must be ${mustBe}.`)
  }
  for (const name of names) {
    const { neededBy, mustBe }: SettingFacts = SETTINGS[name]
    if (neededBy === undefined || (env[name] ?? '') !== '' || env[neededBy[0]] !== neededBy[1]) continue
    sentences.push(`${name} is not set, but ${neededBy.join('=')} needs it: ${mustBe}.`)
  }
  if (sentences.length > 0) throw new BadSettings(sentences)
  return values as Values<Name>
}

/** Of an address with a name and password in it, what may stand in a log. */
const withoutCredentials = (given: string | undefined): string | undefined => given?.replace(/\/\/[^/]*@/, '//***@')
