import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LogFile } from './log-file.ts'
import { Role } from './role.ts'
import { supervise } from './supervise.ts'

let dir: string
let said: string[]
let stops: (() => Promise<void>)[]

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-supervisor-'))
  said = []
  stops = []
})
afterEach(async () => {
  for (const stop of stops) await stop()
  rmSync(dir, { recursive: true })
})

/** A role that notes when it starts and ends, and otherwise does what `code` says. */
function role(name: string, code: string, mayFinish = false): Role {
  const file = join(dir, `${name}.ts`)
  writeFileSync(
    file,
    `import { appendFileSync } from 'node:fs'
     const note = (what: string): void => appendFileSync(process.env.NOTES!, '${name} ' + what + '\\n')
     const serve = (): void => { process.send!({ type: 'ready' }); setInterval(() => {}, 1000) }
     process.on('SIGTERM', () => { note('stopped'); process.exit(0) })
     note('started')
     ${code}`,
  )
  const made = new Role({
    name,
    file,
    env: { ...process.env, NOTES: join(dir, 'notes') },
    log: new LogFile(join(dir, `${name}.log`)),
    logName: `${name}.log`,
    mayFinish,
    print: (line) => said.push(line),
    now: Date.now,
  })
  return made
}

const run = (servers: Role[], clients: Role[] = []) => {
  const system = supervise({ servers, clients }, (line) => said.push(line))
  stops.push(() => system.stop())
  return system
}

const notes = (): string[] =>
  existsSync(join(dir, 'notes')) ? readFileSync(join(dir, 'notes'), 'utf8').trim().split('\n') : []

const until = async (what: () => boolean): Promise<void> => {
  while (!what()) await sleep(20)
}

test('the demo starts when the broker serves, and everything stops in the reverse order', async () => {
  const system = run([role('broker', 'serve()'), role('ingest', 'serve()')], [role('demo', 'serve()')])
  expect(await system.ready).toEqual([])
  await until(() => notes().includes('demo started'))
  await system.stop()
  expect(notes().slice(-3)).toEqual(['demo stopped', 'ingest stopped', 'broker stopped'])
  expect(said).toEqual([])
})

test('a role that dies is started again while the others go on', async () => {
  const broker = role('broker', 'serve()')
  const ingest = role('ingest', 'serve()')
  const system = run([broker, ingest])
  await system.ready
  const brokerPid = broker.pid
  process.kill(ingest.pid ?? 0, 'SIGKILL')
  await until(() => notes().filter((note) => note === 'ingest started').length === 2)
  expect(broker.pid).toBe(brokerPid)
  expect(said).toEqual(['ingest stopped (SIGKILL) and starts again in 0.3 s. Its log: ingest.log'])
})

test('a role that fails at its start is tried again, less and less often, and says why', async () => {
  const failing = `if (notesSoFar() < 3) throw new TypeError('the disk is on fire'); serve()`
  const code = `import { readFileSync } from 'node:fs'
    const notesSoFar = (): number => readFileSync(process.env.NOTES!, 'utf8').split('started').length - 1
    ${failing}`
  expect(await run([role('ingest', code)]).ready).toEqual([])
  expect(said).toEqual([
    expect.stringMatching(/^ingest stopped \(exit code 1: TypeError: the disk is on fire\) and starts again in 0.3 s/),
    expect.stringMatching(/starts again in 0.6 s/),
  ])
  expect(readFileSync(join(dir, 'ingest.log'), 'utf8')).toContain('the disk is on fire')
})

test('what every role finds wrong with its configuration is said at once, and none is tried again', async () => {
  const refuse = (sentence: string): string => `console.error('${sentence}'); process.exit(2)`
  const system = run([role('broker', refuse('HYDRANT_A is wrong')), role('ingest', refuse('HYDRANT_B is wrong'))])
  expect((await system.ready).toSorted()).toEqual(['HYDRANT_A is wrong', 'HYDRANT_B is wrong'])
  expect(notes().toSorted()).toEqual(['broker started', 'ingest started'])
})

test('a demo that is over is over', async () => {
  const demo = role('demo', 'process.exit(0)', true)
  const system = run([role('broker', 'serve()')], [demo])
  await system.ready
  await until(() => notes().includes('demo started') && demo.pid === undefined)
  await system.stop()
  expect(said).toEqual([])
})

test('warnings are shown as a line, the rest lies in the log', async () => {
  const code = `for (const [level, msg] of [[30, 'all is well'], [40, 'disk is slow'], [50, 'write failed']])
      console.log(JSON.stringify({ level, time: 1, msg, err: level === 50 ? { message: 'ENOSPC' } : undefined }))
    serve()`
  await run([role('ingest', code)]).ready
  await until(() => said.length === 2)
  expect(said).toEqual([
    expect.stringMatching(/^\d\d:\d\d:\d\d ingest warning: disk is slow$/),
    expect.stringMatching(/^\d\d:\d\d:\d\d ingest error: write failed: ENOSPC$/),
  ])
  expect(readFileSync(join(dir, 'ingest.log'), 'utf8')).toContain('all is well')
})

test('a role stops when the supervisor is gone', async () => {
  const broker = role('broker', `serve(); setTimeout(() => process.disconnect(), 50)`)
  await run([broker]).ready
  await until(() => notes().includes('broker stopped'))
})
