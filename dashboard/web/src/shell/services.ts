import { Connection, type DeviceChanges } from '../live/connection.ts'
import { DeviceDirectory } from '../live/device-directory.ts'
import { Bell } from '../sound/bell.ts'
import { consoleStore } from '../store/console.ts'

/** The parts that live as long as the page does. */

const mapListeners = new Set<(changes: DeviceChanges | 'all') => void>()
/** Device changes for the map, which redraws tiles instead of holding devices. */
export function whenDevicesChange(listener: (changes: DeviceChanges | 'all') => void): () => void {
  mapListeners.add(listener)
  return () => mapListeners.delete(listener)
}

const directory = new DeviceDirectory(consoleStore)

export const connection = new Connection(consoleStore, (changes) => {
  if (changes === 'all') directory.restart()
  for (const listener of mapListeners) listener(changes)
})

export const bell = new Bell(consoleStore, (rings) => connection.muted(rings))
