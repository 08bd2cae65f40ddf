import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/**
 * Builds the web console where the install did not (`npm ci --ignore-scripts`). Takes seconds, once. A console that
 * cannot be built is said and no more: alarms are found and the API answers without it.
 */
export async function buildConsole(root: string, print: (line: string) => void): Promise<void> {
  if (existsSync(join(root, 'dist/web/index.html'))) return
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  if (!existsSync(vite)) {
    print('The console has not been built, and what builds it is not installed. Run npm ci, then start again.')
    return
  }
  print('Building the console (once) …')
  const child = spawn(process.execPath, [vite, 'build', 'dashboard/web', '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  if (code !== 0) print(`The console could not be built. Run npm ci, then start again. What vite said:\n${out}${err}`)
}
