import { readFile } from 'node:fs/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Quantity } from '../contract/quantities.ts'
import { BadSettings } from '../contract/settings.ts'
import { isDeviceId } from '../contract/topics.ts'
import { type Config, readConfig } from './config.ts'
import { networkCommand } from './network/network-command.ts'
import { NetworkMistake } from './network/network-mistake.ts'
import { CsvError, parseCsv } from './replay/csv.ts'
import { planReplay, READINGS_PER_MESSAGE, type ReplayOptions } from './replay/plan.ts'
import { publishAll } from './replay/publish.ts'
import { converter, ReplayMistake } from './replay/units.ts'
import { DEMO_SEED, runDemo } from './run-demo.ts'
import { runPanel } from './run-panel.ts'

/** `npm run simulate -- …`: virtual devices for a running Hydrant. */

/** Bad lines that are printed one by one; the others are counted. */
const BAD_LINES_SHOWN = 20
/**
 * Readings in a message when nobody says: one at a time to watch, many at full speed, because a meter may send one message
 * a second after a burst of twenty.
 */
const BATCH_AT_FULL_SPEED = READINGS_PER_MESSAGE

interface ReplayFlags {
  readonly device: string
  readonly secret: string
  readonly quantity: string
  readonly unit?: string
  readonly scale: number
  readonly speed: number
  readonly shift: 'now' | 'keep'
  readonly batch?: number
  readonly every?: number
  readonly integrate?: true
  readonly leak: number
  readonly columns?: readonly [string, string]
  readonly zone: string
  readonly host?: string
  readonly port?: number
}

interface PanelFlags {
  readonly address: number
  readonly points: number
  readonly fire?: number
  readonly every: number
  readonly clear?: number
  readonly duty: number
  readonly host?: string
  readonly port?: number
}

const number = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It is a number.')
  return value
}
const above0 = (text: string): number => {
  const value = number(text)
  if (value <= 0) throw new InvalidArgumentError('It is greater than 0.')
  return value
}
const whole = (text: string): number => {
  const value = above0(text)
  if (!Number.isInteger(value)) throw new InvalidArgumentError('It is a whole number.')
  return value
}
const duty = (text: string): number => (text === 'never' ? Number.POSITIVE_INFINITY : above0(text))
const speed = (text: string): number => (text === 'max' ? Number.POSITIVE_INFINITY : above0(text))
const deviceId = (text: string): string => {
  if (!isDeviceId(text)) throw new InvalidArgumentError('A device id is 1 to 64 of A-Z a-z 0-9 . _ -')
  return text
}
const twoColumns = (text: string): readonly [string, string] => {
  const [time, value, ...more] = text.split(',').map((part) => part.trim())
  if (!time || !value || more.length > 0) throw new InvalidArgumentError('It is two columns: time,value')
  return [time, value]
}
const zone = (text: string): string => {
  if (!/^(Z|[+-]\d{2}:?\d{2})$/i.test(text)) throw new InvalidArgumentError('It is Z or an offset such as +08:00')
  return text
}

const program = new Command('simulate')
  .description(
    'Virtual devices for a running Hydrant: a whole city, villages on a network of pipes, or a log of yours played back.',
  )
  .showHelpAfterError()
  .addHelpText(
    'after',
    '\nThe broker is where HYDRANT_MQTT_HOST and HYDRANT_MQTT_PORT say (127.0.0.1:1883), for panels HYDRANT_GB26875_HOST and HYDRANT_GB26875_PORT (127.0.0.1:26875); the registry lies in HYDRANT_DATA_DIR (./data).',
  )

program
  .command('demo')
  .description('2,000 meters and 300 sensors of a city, with a leak, a burst, a kitchen fire and a silent home')
  .option('--seed <n>', 'another city of the same size', whole, DEMO_SEED)
  .option('--truth <file>', 'write what really happens (device, alarm, from, to) as JSON lines')
  .action(async (flags: { seed: number; truth?: string }) => {
    const config = readConfig(process.env)
    process.exitCode = await runDemo(
      { ...config, seed: flags.seed, ...(flags.truth !== undefined && { truthFile: flags.truth }) },
      config.logLevel,
    )
  })

program
  .command('panel')
  .description("a fire panel's transmission device that speaks GB/T 26875.3 over TCP, until it is stopped")
  .requiredOption(
    '--address <n>',
    'its source address, as it is registered: device add ID --kind fire-panel --gb-address n',
    whole,
  )
  .option('--points <n>', 'detectors and call points of the panel', whole, 40)
  .option('--fire <n>', 'so many of them report a fire, one after the other', whole)
  .option('--every <seconds>', 'time between two of them', above0, 1)
  .option('--clear <seconds>', 'so long after the last one the panel is reset', above0)
  .option('--duty <seconds>', 'the person on duty answers a check after so long; never: nobody is there', duty, 5)
  .option('--host <address>', 'the broker')
  .option('--port <port>', 'its port for GB/T 26875.3', whole)
  .action(async (flags: PanelFlags) => {
    const { gb26875 } = readConfig(process.env)
    const { fire = 0, every, clear, duty: dutyAnswerS, ...panel } = flags
    if (fire > panel.points)
      throw new ReplayMistake(`--fire ${fire} is more than the panel has: --points ${panel.points}.`)
    process.exitCode = await runPanel({ ...gb26875, ...panel, fire, everyS: every, clearS: clear, dutyAnswerS })
  })

program.addCommand(networkCommand())

program
  .command('replay')
  .argument('<file>', 'CSV with a time and a value per line')
  .description(
    'publish a CSV as a registered device, QoS 1; the broker lets a meter send one message a second after a burst of twenty',
  )
  .requiredOption('--device <id>', 'the device it is published as', deviceId)
  .requiredOption('--secret <secret>', 'its secret, as `hydrant device add` printed it')
  .option('--quantity <name>', 'what the values are', 'flow')
  .option('--unit <unit>', "what the values are in, for example l/s, m3/h, gpm, °C (default: the quantity's own)")
  .option('--scale <k>', 'factor on every value, before the unit', number, 1)
  .option('--speed <n|max>', 'log seconds per second', speed, 1)
  .addOption(
    new Option('--shift <how>', 'now: the last reading falls on now, none in the future; keep: times as logged')
      .choices(['now', 'keep'])
      .default('now'),
  )
  .option('--batch <n>', `readings per message (default: 1, and ${BATCH_AT_FULL_SPEED} at --speed max)`, whole)
  .addOption(
    new Option('--every <seconds>', 'one message for each so many seconds of the log')
      .argParser(above0)
      .conflicts('batch'),
  )
  .option('--integrate', 'values are a flow: publish the register it adds up to as well')
  .option('--leak <l/h>', 'a constant leak on top, litres an hour', number, 0)
  .option('--columns <time,value>', 'names in the header, or numbers from 1', twoColumns)
  .option('--zone <offset>', 'zone of times that have none', zone, '+08:00')
  .option('--host <address>', 'the broker')
  .option('--port <port>', 'the broker', whole)
  .action(async (file: string, flags: ReplayFlags) => {
    process.exitCode = await replay(file, flags, readConfig(process.env))
  })

/** Resolves with the exit code: 1 when something was not acknowledged. */
async function replay(file: string, flags: ReplayFlags, config: Config): Promise<number> {
  if (flags.integrate === true && flags.quantity !== 'flow')
    throw new ReplayMistake('--integrate adds up a flow: it goes with --quantity flow.')
  if (flags.leak !== 0 && flags.quantity !== 'flow' && flags.quantity !== 'volume')
    throw new ReplayMistake('--leak goes with --quantity flow or volume.')
  const convert = converter(flags.quantity, flags.unit, flags.scale)
  const { series, bad, empty } = parseCsv(await text(file), {
    zone: flags.zone,
    ...(flags.columns !== undefined && { columns: flags.columns }),
  })
  for (const { line, why } of bad.slice(0, BAD_LINES_SHOWN)) process.stderr.write(`line ${line}: ${why}; skipped\n`)
  if (bad.length > BAD_LINES_SHOWN) process.stderr.write(`… and ${bad.length - BAD_LINES_SHOWN} more\n`)
  if (series.at.length === 0) throw new ReplayMistake(`${file} has no line that can be published.`)

  const options: ReplayOptions = {
    quantity: flags.quantity as Quantity,
    convert,
    speed: flags.speed,
    shift: flags.shift,
    group:
      flags.every !== undefined
        ? { seconds: flags.every }
        : { readings: flags.batch ?? (Number.isFinite(flags.speed) ? 1 : BATCH_AT_FULL_SPEED) },
    integrate: flags.integrate === true,
    leakLitresPerHour: flags.leak,
  }
  const messages = planReplay(series, options, Date.now())
  const target = {
    host: flags.host ?? config.mqttHost,
    port: flags.port ?? config.mqttPort,
    deviceId: flags.device,
    secret: flags.secret,
  }
  const done = await publishAll(target, messages, ({ sent, acknowledged }) =>
    process.stderr.write(`${sent} of ${messages.length} messages sent, ${acknowledged} acknowledged\n`),
  )
  process.stdout.write(
    `${done.readings} readings in ${done.sent} messages sent, ${done.acknowledged} messages acknowledged, ` +
      `${bad.length} bad lines skipped, ${empty} without a value, ${(done.tookMs / 1000).toFixed(1)} s\n`,
  )
  return done.acknowledged === messages.length ? 0 : 1
}

async function text(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new ReplayMistake(`${file} cannot be read: ${(error as Error).message}`)
  }
}

try {
  await program.parseAsync()
} catch (error) {
  const isMistake = [ReplayMistake, CsvError, BadSettings, NetworkMistake].some((kind) => error instanceof kind)
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = isMistake ? 2 : 1
}
