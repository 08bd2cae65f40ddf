import type { Device, DeviceStatus, Place } from '../../../../contract/api.ts'
import { get } from '../api/request.ts'
import { type ConsoleState, type DeviceFacts, learnDevices } from '../store/console-state.ts'
import type { Store } from '../store/store.ts'

/** Questions to the server at the same time; the browser's own limit for a host is six. */
const AT_ONCE = 4
/** One list page; the API's upper limit. */
const PAGE = 1000
/** From this many unknown devices on it is cheaper to ask for lists by status. */
const MANY = 12
const ALARMED: readonly DeviceStatus[] = ['critical', 'major', 'minor', 'warning', 'silent']
/** A device that could not be found is not asked for again before this. */
const FORGET_FAILED_MS = 30_000

const factsOf = (device: Device): DeviceFacts => ({
  id: device.id,
  kind: device.kind,
  name: device.name,
  lon: device.lon,
  lat: device.lat,
  place: { id: device.placeId, path: device.placePath },
})

/** Devices of an incident that its row names. */
const NAMED = 3

function* namedIn(state: ConsoleState): Iterable<string | null> {
  for (const { deviceId } of state.alarms.values()) yield deviceId
  for (const { sources } of state.incidents.values()) for (const { deviceId } of sources.slice(0, NAMED)) yield deviceId
}

/** Knows name, position and place of every device with an open alarm: events carry its id only. */
export class DeviceDirectory {
  private readonly store: Store<ConsoleState>
  private readonly failed = new Map<string, number>()
  private readonly asking = new Set<string>()
  private listed = false
  private running = 0

  constructor(store: Store<ConsoleState>) {
    this.store = store
    store.onChange((state) => this.fill(state))
  }

  async loadPlaces(): Promise<void> {
    try {
      const answer = await get<readonly Place[] | { readonly items: readonly Place[] }>('/api/places')
      const list = 'items' in answer ? answer.items : answer
      this.store.update((state) => ({ ...state, places: new Map(list.map((place) => [place.id, place])) }))
    } catch {
      // Names of places are an embellishment: the queue works without, and the next snapshot asks again.
    }
  }

  /** After a snapshot: lists may be worth asking for again. */
  restart(): void {
    this.listed = false
    void this.loadPlaces()
  }

  private fill(state: ConsoleState): void {
    if (!state.ready || this.running >= AT_ONCE) return
    const now = Date.now()
    const unknown: string[] = []
    for (const deviceId of namedIn(state)) {
      if (deviceId === null || state.devices.get(deviceId)?.place || this.asking.has(deviceId)) continue
      if (now - (this.failed.get(deviceId) ?? 0) > FORGET_FAILED_MS) unknown.push(deviceId)
    }
    if (unknown.length === 0) return
    if (unknown.length >= MANY && !this.listed) {
      this.listed = true
      void this.ask(() => this.lists())
      return
    }
    for (const id of unknown.slice(0, AT_ONCE - this.running)) {
      this.asking.add(id)
      void this.ask(async () => {
        try {
          return [factsOf(await get<Device>(`/api/devices/${encodeURIComponent(id)}`))]
        } catch {
          this.failed.set(id, Date.now())
          if (this.failed.size > PAGE) this.failed.clear()
          return []
        } finally {
          this.asking.delete(id)
        }
      })
    }
  }

  private async lists(): Promise<DeviceFacts[]> {
    const { counts } = this.store.get()
    const pages = await Promise.all(
      ALARMED.filter((status) => counts[status] > 0).map((status) =>
        get<{ readonly items: readonly Device[] }>(`/api/devices?status=${status}&limit=${PAGE}`).catch(() => ({
          items: [],
        })),
      ),
    )
    return pages.flatMap((page) => page.items.map(factsOf))
  }

  private async ask(question: () => Promise<DeviceFacts[]>): Promise<void> {
    this.running++
    const facts = await question()
    this.running--
    this.store.update((state) => learnDevices(state, facts))
    // Learning nothing changes nothing, so look for the rest here.
    this.fill(this.store.get())
  }
}
