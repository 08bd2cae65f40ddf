import { basename } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { readConfig } from '../config.ts'
import { runNetwork } from '../run-network.ts'
import { spanOf } from './leak-words.ts'

/** The words of `simulate network`. */

interface NetworkFlags {
  readonly inp: string
  readonly name?: string
  readonly seed: number
  readonly meters: number
  readonly villages?: number
  readonly every: '15m' | '1h'
  readonly pressure?: true
  readonly history: number
  readonly days: number
  readonly speed: number
  readonly leak: readonly string[]
  readonly homeLeak: readonly string[]
  readonly leaksPerMonth: number
  readonly truth?: string
  readonly untilNow?: true
  readonly host?: string
  readonly port?: number
}

const DAY_MS = 86_400_000
/** Enough for the nights to have been learnt, a week of them at first, before anything leaks. */
const USUAL_HISTORY_DAYS = 21
const USUAL_DAYS = 7
/** Households of a village when nobody says: as in the evaluation of villages. */
const METERS_A_VILLAGE = 190
const MOST_METERS = 50_000

const whole =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`)
    return value
  }
const days = (text: string): number => {
  const ms = spanOf(/^\d+$/.test(text) ? `${text}d` : text)
  if (ms === undefined || ms % DAY_MS !== 0 || ms / DAY_MS > 1000)
    throw new InvalidArgumentError('It is so many days: 21d.')
  return ms / DAY_MS
}
const speed = (text: string): number => {
  const value = text === 'max' ? Number.POSITIVE_INFINITY : Number(text)
  if (!(value >= 1)) throw new InvalidArgumentError('It is a number from 1 on, or max.')
  return value
}
const atLeast0 = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('It is a number from 0 on.')
  return value
}
const several = (text: string, before: readonly string[]): readonly string[] => [...before, text]

const EXPLAINED = `
The world begins in the past, because readings from the future are refused: --history days are published as fast as the
broker takes them, so that the nights have been learnt; then the live part plays at --speed world seconds a second until it
has caught up with the clock, and goes on at real time until Ctrl+C. The same command goes on where it was stopped.

A leak is WHERE@WHEN[+GROWS]:SIZE[/LASTS]
  WHERE  a pipe or node of the file; for --home-leak a household, home-0 and so on
  WHEN   after the beginning of the live part, in world time (10m, 8h, 3d), or a time of the city (2026-11-20T03:00)
  GROWS  it grows so long (5d); without, it is whole at once
  SIZE   8m3h, 500lh (litres an hour), 1.2ls; on the network at 45 m of pressure
  LASTS  it is repaired after so long (4d); without, nobody does
  Network and households are computed by the hour: a leak begins with the hour that its WHEN lies in.
Examples
  simulate network --inp ../shared/data/networks/L-TOWN.inp --meters 3000 --leak p123@10m:8m3h --speed 600
  simulate network --inp town.inp --meters 800 --leak p7@1d+5d:3m3h --home-leak home-12@1d:20lh --until-now --truth truth.jsonl`

const slug = (text: string): string =>
  basename(text)
    .replace(/\.inp$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 24)

export const networkCommand = (): Command =>
  new Command('network')
    .description(
      'villages on the pipes of an EPANET file, a meter in every household, bulk meters between them, and leaks',
    )
    .requiredOption('--inp <file>', 'the network, an EPANET input file in metric units')
    .option('--meters <n>', 'household meters', whole(10, MOST_METERS), 1500)
    .option('--villages <n>', `villages it is cut into (default: one for ${METERS_A_VILLAGE} meters)`, whole(1, 200))
    .option('--leak <leak>', 'a leak of the network, such as p123@10m:8m3h; may be said several times', several, [])
    .option('--home-leak <leak>', 'a leak behind a meter, such as home-12@1d:20lh; several times', several, [])
    .option(
      '--leaks-per-month <n>',
      'besides, so many at random a month and village, not in the first two weeks',
      atLeast0,
      0,
    )
    .option('--speed <n|max>', 'world seconds per second of the live part', speed, 600)
    .option('--history <days>', 'what went before, published at once', days, USUAL_HISTORY_DAYS)
    .option('--days <days>', 'the live part begins so many days ago', days, USUAL_DAYS)
    .addOption(new Option('--every <time>', 'rhythm of the household meters').choices(['15m', '1h']).default('1h'))
    .option('--pressure', 'a pressure sensor in every village')
    .option('--until-now', 'end when the world has caught up with the clock')
    .option('--seed <n>', 'other households and registers', whole(0, 2 ** 31), 1)
    .option('--name <name>', 'stands before the ids of places and devices (default: the name of the file)')
    .option('--truth <file>', 'write what really leaks as JSON lines')
    .option('--host <address>', 'the broker')
    .option('--port <port>', 'the broker', whole(1, 65_535))
    .addHelpText('after', EXPLAINED)
    .action(async (flags: NetworkFlags) => {
      const config = readConfig(process.env)
      process.exitCode = await runNetwork({
        dataDir: config.dataDir,
        host: flags.host ?? config.mqttHost,
        port: flags.port ?? config.mqttPort,
        httpUrl: config.httpUrl,
        inp: flags.inp,
        name: slug(flags.name ?? flags.inp) || 'network',
        seed: flags.seed,
        meters: flags.meters,
        villages: flags.villages ?? Math.max(2, Math.round(flags.meters / METERS_A_VILLAGE)),
        perHour: flags.every === '15m' ? 4 : 1,
        pressure: flags.pressure === true,
        historyDays: flags.history,
        days: flags.days,
        speed: flags.speed,
        leaks: flags.leak,
        homeLeaks: flags.homeLeak,
        leaksPerMonth: flags.leaksPerMonth,
        truthFile: flags.truth,
        untilNow: flags.untilNow === true,
        say: (line) => process.stdout.write(`${line}\n`),
      })
    })
