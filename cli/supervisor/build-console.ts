import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Mistake } from '../mistake.ts'

/** Builds the web console where the install did not (`npm ci --ignore-scripts`). Takes seconds, once. */
export async function buildConsole(root: string, print: (line: string) => void): Promise<void> {
  if (existsSync(join(root, 'dist/web/index.html'))) return
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  if (!existsSync(vite))
    throw new Mistake('The console has not been built, and what builds it is not installed. Run: npm ci')
  print('Building the console (once) …')
  const child = spawn(process.execPath, [vite, 'build', 'dashboard/web', '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  if (code !== 0) throw new Mistake(`The console could not be built. Run npm ci again. What vite said:\n${out}${err}`)
}
