import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { historyFile } from '../../store/files.ts'
import { openHistoryReader } from '../../store/history/sqlite.ts'
import { addBearer } from '../crash/fleet.ts'
import { eventually } from '../eventually.ts'
import { UNBEARABLE } from './defects.ts'
import { type Fault, promises } from './fault.ts'
import { scripted } from './scripted.ts'

const PATIENCE_MS = 10_000

/** A payload that a defect in decode, validate, detect or store cannot bear. The defects are put in when ingest is loaded. */
export const POISON: Fault = {
  name: 'poison',
  number: 9,
  about: 'payloads on which decode, validate, detect and store throw; then the defect is mended and they are replayed',
  run: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hydrant-poison-'))
    const mended = join(folder, 'mended')
    const stages = Object.entries(UNBEARABLE)
    const devices = [...stages.map(([stage]) => `poison-${stage}`), 'healthy'].map((id) => ({
      id,
      kind: 'smoke-detector' as const,
    }))
    const env = {
      NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'defects.ts')).href}`,
      HYDRANT_BENCH_MENDED: mended,
    }
    try {
      return await scripted(devices, { env }, async ({ say, settled, views, alarmsOf, expected, system }) => {
        const began = performance.now()
        const sent = new Map<string, string>()
        for (const [stage, value] of stages) {
          const at = Date.now()
          const payload = JSON.stringify({ ts: at, values: { smoke: value } })
          sent.set(`poison-${stage}`, payload)
          await say(`poison-${stage}`, payload)
          expected.add(`poison-${stage}`, at, 'smoke', value)
        }
        // Behind the poison, in the same lane: the queue must move on.
        const fireAt = Date.now()
        await say('healthy', { ts: fireAt, values: { smoke: 3.1, alarm: true } })
        expected.add('healthy', fireAt, 'smoke', 3.1)
        const isRaised = await eventually(
          () => alarmsOf('healthy'),
          (alarms) => alarms.some(({ type }) => type === 'smoke'),
          PATIENCE_MS,
        )
        const raisedAfter = (performance.now() - began) / 1000
        const broken: string[] = []
        for (const [deviceId, payload] of sent) {
          const { items } = await eventually(
            () => views.quarantine({ deviceId, reason: 'poison.exception', limit: 10 }),
            (page) => page.items.length > 0,
            PATIENCE_MS,
          )
          const bytes = items[0] === undefined ? undefined : await views.quarantineBytes(items[0].id)
          if (items.length !== 1) broken.push(`${deviceId} lies in quarantine ${items.length} times`)
          else if (Buffer.from(bytes ?? '').toString() !== payload)
            broken.push(`${deviceId} has other bytes in quarantine`)
          const told = (await alarmsOf(deviceId)).length
          if (told === 0) broken.push(`nobody is told that ${deviceId}, a smoke detector, was not understood`)
        }

        const history = openHistoryReader(historyFile(system.dataDir))
        const archived = await eventually(
          () => history.range('healthy', fireAt, fireAt + 1, 1),
          ({ at }) => at.length > 0,
          PATIENCE_MS,
        ).finally(() => history.close())

        await writeFile(mended, '')
        const bearer = await addBearer(system.dataDir, 'admin')
        const answer = await fetch(`${system.httpUrl}/api/quarantine/replay`, {
          method: 'POST',
          headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
          body: JSON.stringify({ reason: 'poison.exception' }),
        })
        const replay = (await answer.json()) as unknown
        await settled()
        const fires = (await alarmsOf('healthy')).filter(({ type }) => type === 'smoke').length
        return {
          injected: 'a defect in decode, validate, detect and store, and a payload for each that meets it',
          duplicateAlarms: Math.max(0, fires - 1),
          raisedBehindPoisonSeconds: Number(raisedAfter.toFixed(2)),
          replay,
          recoverySeconds: Number(raisedAfter.toFixed(2)),
          broken: [
            ...broken,
            ...promises({
              'what came behind the poison is not in history before the defect is mended': archived.at.length > 0,
              'the fire behind the poison has no alarm': isRaised.length > 0,
              [`the replay was answered with ${answer.status}`]: answer.ok,
              'ingest ended': system.pid('ingest') !== undefined,
            }),
          ],
        }
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}
