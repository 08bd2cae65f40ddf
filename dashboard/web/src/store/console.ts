import { type ConsoleState, EMPTY } from './console-state.ts'
import { promptly } from './frame.ts'
import { createStore } from './store.ts'
import { useStore } from './use-store.ts'

/** The one store of what the server has told. */
export const consoleStore = createStore<ConsoleState>(EMPTY, promptly())

export const useConsole = <Part>(select: (state: ConsoleState) => Part): Part => useStore(consoleStore, select)

/** Server time, as well as this computer knows it. */
export const serverNow = (): number => Date.now() + consoleStore.get().skewMs
