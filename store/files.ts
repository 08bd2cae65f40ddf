import { mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { JournalLane } from './journal/port.ts'

/** Where everything lies under HYDRANT_DATA_DIR. */
export const journalFile = (dataDir: string, lane: JournalLane): string => join(dataDir, `journal-${lane}.db`)
export const stateFile = (dataDir: string): string => join(dataDir, 'state.db')
/** Floor plans and photographs (`store/images/`). */
export const imageFolder = (dataDir: string): string => join(dataDir, 'images')
export const historyFile = (dataDir: string): string => join(dataDir, 'history.db')

/**
 * Makes a folder and those above it, for their owner only. Step by step: `mkdir` with `recursive` never returns where a
 * file system refuses new folders by saying that there is no such path, as /proc does (Node 24).
 */
export function makeFolder(path: string): void {
  if (isFolder(path)) return
  const above = dirname(path)
  if (above !== path) makeFolder(above)
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Roles that start together make it together.
    if (!isFolder(path)) throw error
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
