import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { QUANTITIES, type Quantity } from '../../contract/quantities.ts'
import { REASONS, type Reason } from '../../contract/reasons.ts'
import { BadSettings, readSettings } from '../../contract/settings.ts'
import { historyFile } from '../../store/files.ts'
import { openInfluxHistory } from '../../store/history/influx/history.ts'
import type { InfluxTarget } from '../../store/history/influx/target.ts'
import { HISTORY_SETTINGS, influxTarget } from '../../store/history/open.ts'
import { HistoryUnavailable } from '../../store/history/port.ts'
import { SqliteHistoryReader } from '../../store/history/sqlite-reader.ts'
import { migrateHistory, NOTHING_MOVED, type Progress } from '../migrate/history.ts'
import { EXIT_FAILED, Mistake } from '../mistake.ts'
import { print, printTable } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

/** A device's years are counted within this, ms; nobody waits for a picture. */
const COUNT_DEADLINE_MS = 120_000
const PROGRESS_EVERY_MS = 1000

const SWITCH = `Set HYDRANT_HISTORY=influx (with HYDRANT_INFLUX_URL, _BUCKET, _ORG and _TOKEN as now) and restart Hydrant`

async function migrate(session: Session, options: { readonly again?: true }): Promise<void> {
  const { target, isChosen } = settingsOf(session.env)
  const { dataDir } = session.config
  const file = historyFile(dataDir)
  if (!existsSync(file)) throw new Mistake(`There is nothing to move: ${file} does not exist.`)
  const notes = new Notes(join(dataDir, 'history-migration.json'), target)
  if (options.again === true) notes.forget()
  const begin = notes.read()
  if (begin.after > 0) print(`Going on after ${begin.devices} devices that were moved before; --again begins anew.`)
  if (!isChosen)
    print(
      `Hydrant still writes to the embedded history: what arrives while this runs may stay behind. ${SWITCH} first.`,
    )

  const from = new SqliteHistoryReader(file)
  const to = openInfluxHistory(target, { readDeadlineMs: COUNT_DEADLINE_MS })
  let progress = begin
  try {
    let shownAt = performance.now()
    const kindOf = async (id: string) => (await session.registry.find(id))?.kind
    for await (progress of migrateHistory(from, to, kindOf, begin)) {
      notes.keep(progress)
      if (performance.now() - shownAt < PROGRESS_EVERY_MS) continue
      shownAt = performance.now()
      print(`${progress.devices} devices, ${sumOf(progress).embedded} readings`)
    }
  } catch (error) {
    if (!(error instanceof HistoryUnavailable)) throw error
    throw new Error(
      `${error.message}.\n${progress.devices} devices are moved. Run the command again when InfluxDB answers: it goes on where it stopped.`,
    )
  } finally {
    await from.close()
    await to.close()
  }
  tell(progress, isChosen)
}

/** @throws Mistake */
function settingsOf(env: NodeJS.ProcessEnv): { readonly target: InfluxTarget; readonly isChosen: boolean } {
  try {
    const settings = readSettings(HISTORY_SETTINGS, env)
    const target = influxTarget(settings)
    if (target !== undefined) return { target, isChosen: settings.HYDRANT_HISTORY === 'influx' }
  } catch (error) {
    throw error instanceof BadSettings ? new Mistake(error.message) : error
  }
  throw new Mistake(
    'Where to? Set HYDRANT_INFLUX_URL and HYDRANT_INFLUX_BUCKET (and HYDRANT_INFLUX_ORG and _TOKEN where the InfluxDB asks for them).',
  )
}

function tell(progress: Progress, isChosen: boolean): void {
  const rows = Object.entries(progress.counts) as [Quantity, { embedded: number; influx: number }][]
  printTable(
    ['quantity', 'embedded', 'InfluxDB'],
    rows.map(([quantity, { embedded, influx }]) => [QUANTITIES[quantity].en, String(embedded), String(influx)]),
  )
  for (const [reason, count] of Object.entries(progress.refused) as [Reason, number][])
    print(`${count} readings were refused: ${REASONS[reason].en}. ${REASONS[reason].todo}`)
  const { embedded, influx } = sumOf(progress)
  if (influx < embedded) {
    print(
      `${embedded - influx} of ${embedded} readings are not in InfluxDB. Correct the cause, then run it with --again.`,
    )
    process.exitCode = EXIT_FAILED
    return
  }
  print(`All ${embedded} readings of ${progress.devices} devices are in InfluxDB.`)
  print(
    isChosen
      ? 'Hydrant reads and writes there already. history.db is no longer needed: keep it until you have a backup of InfluxDB.'
      : `${SWITCH}, then run this once more with --again: it moves what has arrived meanwhile. history.db is left as it is.`,
  )
}

function sumOf({ counts }: Progress): { readonly embedded: number; readonly influx: number } {
  let [embedded, influx] = [0, 0]
  for (const count of Object.values(counts)) {
    embedded += count.embedded
    influx += count.influx
  }
  return { embedded, influx }
}

/** The progress towards one InfluxDB, in a file beside the history. */
class Notes {
  private readonly file: string
  private readonly target: string

  constructor(file: string, { url, org, bucket }: InfluxTarget) {
    this.file = file
    this.target = JSON.stringify([url, org, bucket])
  }

  /** Notes that cannot be used are none: beginning anew is harmless. */
  read(): Progress {
    try {
      const notes = JSON.parse(readFileSync(this.file, 'utf8')) as { target: string; progress: Progress }
      return notes.target === this.target ? notes.progress : NOTHING_MOVED
    } catch {
      return NOTHING_MOVED
    }
  }

  keep(progress: Progress): void {
    const next = `${this.file}.next`
    writeFileSync(next, JSON.stringify({ target: this.target, progress }))
    renameSync(next, this.file)
  }

  forget(): void {
    rmSync(this.file, { force: true })
  }
}

export function addMigrateHistoryCommand(parent: Command, run: Run): void {
  parent
    .command('migrate-history')
    .option('--again', 'begin anew instead of going on where it stopped; writing twice changes nothing')
    .description('move the embedded history into the InfluxDB of HYDRANT_INFLUX_*, also while Hydrant runs')
    .action(run(migrate))
}
