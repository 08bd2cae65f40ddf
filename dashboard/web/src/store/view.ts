import type { AlarmGroup } from './queue.ts'
import { createStore, immediately } from './store.ts'
import { useStore } from './use-store.ts'

/** What this console is looking at: nothing of it concerns the server. */
export interface View {
  readonly theme: 'dark' | 'light'
  readonly wall: boolean
  readonly filter: { readonly group: AlarmGroup | null; readonly state: 'open' | 'active' | 'all' }
  /** What is under the J/K cursor: an alarm's id, or an incident's row. */
  readonly cursor: string | null
  /** The alarm whose drawer is open. */
  readonly openAlarm: string | null
  /** The device whose card is open on the map. */
  readonly openDevice: string | null
  readonly unfolded: ReadonlySet<string>
  readonly palette: boolean
  readonly keys: boolean
  readonly toast: { readonly id: number; readonly text: string; readonly bad: boolean } | null
  /** Where the map is asked to go; a new object each time. */
  readonly goTo: { readonly lon: number; readonly lat: number; readonly zoom: number } | null
}

const REMEMBERED_THEME = 'hydrant.theme'

const parameters = (): URLSearchParams => new URLSearchParams(globalThis.location?.search ?? '')

export const viewStore = createStore<View>(
  {
    theme: globalThis.localStorage?.getItem(REMEMBERED_THEME) === 'light' ? 'light' : 'dark',
    wall: parameters().get('wall') === '1',
    filter: { group: null, state: 'open' },
    cursor: null,
    openAlarm: parameters().get('alarm'),
    openDevice: null,
    unfolded: new Set(),
    palette: false,
    keys: false,
    toast: null,
    goTo: null,
  },
  immediately,
)

export const useView = <Part>(select: (view: View) => Part): Part => useStore(viewStore, select)

const change = (part: Partial<View>): void => viewStore.update((view) => ({ ...view, ...part }))

/** Rows of a night stay foldable; more unfolded ones than this are forgotten. */
const UNFOLDED_KEPT = 50
let toasts = 0

export const view = {
  change,
  chooseTheme(theme: View['theme']): void {
    localStorage.setItem(REMEMBERED_THEME, theme)
    document.documentElement.dataset.theme = theme
    change({ theme })
  },
  chooseWall(wall: boolean): void {
    const url = new URL(location.href)
    if (wall) url.searchParams.set('wall', '1')
    else url.searchParams.delete('wall')
    history.replaceState(null, '', url)
    change({ wall })
  },
  openAlarm(id: string | null): void {
    change(id === null ? { openAlarm: null } : { openAlarm: id, cursor: id, openDevice: null })
  },
  toggleFold(key: string): void {
    viewStore.update((v) => {
      const unfolded = new Set(v.unfolded)
      if (!unfolded.delete(key)) unfolded.add(key)
      return { ...v, unfolded: new Set([...unfolded].slice(-UNFOLDED_KEPT)) }
    })
  },
  say(text: string, bad = false): void {
    change({ toast: { id: ++toasts, text, bad } })
  },
}
