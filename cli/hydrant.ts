import { enableCompileCache } from 'node:module'
import { compileCache } from './compile-cache.ts'

// Before anything else is loaded: a command then starts in a third of the time.
enableCompileCache(compileCache)
const { runProgram } = await import('./program.ts')
process.exitCode = await runProgram()
