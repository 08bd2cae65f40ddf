import { join } from 'node:path'
import type { JournalLane } from './journal/port.ts'

/** Where everything lies under HYDRANT_DATA_DIR. */
export const journalFile = (dataDir: string, lane: JournalLane): string => join(dataDir, `journal-${lane}.db`)
export const stateFile = (dataDir: string): string => join(dataDir, 'state.db')
export const historyFile = (dataDir: string): string => join(dataDir, 'history.db')
