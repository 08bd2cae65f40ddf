import { enableCompileCache } from 'node:module'
import { compileCache } from './compile-cache.ts'

// Before anything else is loaded: a command then starts in a third of the time.
enableCompileCache(compileCache)
const { runProgram } = await import('./program.ts')
// `hydrant device list | head`: whoever reads has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})
process.exitCode = await runProgram(process.argv.slice(2))
