import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { format } from 'node:util'
import { vi } from 'vitest'
import { runProgram } from './program.ts'

/** For the tests of the command line: the `hydrant` command, typed in a folder. */

const HYDRANT = join(import.meta.dirname, 'hydrant.ts')

export interface Typed {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** What is piped into it. */
  readonly input?: string
}

export interface Said {
  readonly code: number | null
  readonly out: string
  readonly err: string
  readonly lastLine: string
}

/** As a process of its own: half a second. For what depends on being one. */
export async function startHydrant(args: readonly string[], { cwd, env, input = '' }: Typed): Promise<Said> {
  const child = spawn(process.execPath, [HYDRANT, ...args], { cwd, env: { ...process.env, ...env } })
  child.stdin.end(input)
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code, out, err, lastLine: lastLineOf(out) }
}

let last: Promise<unknown> = Promise.resolve()

/** The same program in the test's own process, one command after the other. */
export function hydrant(args: readonly string[], typed: Typed): Promise<Said> {
  const said = last.then(() => type(args, typed))
  last = said.catch(() => undefined)
  return said
}

async function type(args: readonly string[], { cwd, env = {}, input = '' }: Typed): Promise<Said> {
  let out = ''
  let err = ''
  const from = process.cwd()
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      out += chunk
      return true
    }),
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      err += chunk
      return true
    }),
    vi.spyOn(console, 'error').mockImplementation((...words) => {
      err += `${format(...words)}\n`
    }),
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([input]) as typeof process.stdin),
  ]
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  if (cwd !== undefined) process.chdir(cwd)
  try {
    const code = await runProgram(args)
    return { code, out, err, lastLine: lastLineOf(out) }
  } finally {
    process.exitCode = undefined
    process.chdir(from)
    vi.unstubAllEnvs()
    for (const spy of spies) spy.mockRestore()
  }
}

const lastLineOf = (out: string): string => out.trimEnd().split('\n').at(-1) ?? ''
