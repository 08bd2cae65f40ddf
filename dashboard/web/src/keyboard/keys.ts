import { acknowledgeUnderCursor, moveCursor, openUnderCursor } from '../queue/queue-model.ts'
import { consoleStore } from '../store/console.ts'
import { view, viewStore } from '../store/view.ts'

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
/** Enter on a focused button or link is that button's. */
const hasOwnEnter = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('button, a, [role=button]') !== null

/** Closes what is on top. */
function closeTopmost(): void {
  const { palette, keys, openAlarm, openDevice } = viewStore.get()
  if (palette) view.change({ palette: false })
  else if (keys) view.change({ keys: false })
  else if (openAlarm !== null) view.openAlarm(null)
  else if (openDevice !== null) view.change({ openDevice: null })
  else view.change({ cursor: null })
}

function onKey(event: KeyboardEvent): void {
  if (consoleStore.get().session == null) return
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault()
    view.change({ palette: !viewStore.get().palette, keys: false })
    return
  }
  if (event.key === 'Escape') {
    if (typing(event.target) && event.target instanceof HTMLElement) event.target.blur()
    closeTopmost()
    return
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || viewStore.get().palette) return
  switch (event.key) {
    case 'j':
    case 'J':
      moveCursor(1)
      break
    case 'k':
    case 'K':
      moveCursor(-1)
      break
    case 'a':
    case 'A':
      acknowledgeUnderCursor()
      break
    case 'Enter':
      if (!hasOwnEnter(event.target)) openUnderCursor()
      break
    case '?':
      view.change({ keys: !viewStore.get().keys })
      break
    default:
  }
}

/** J, K, A, Enter, Esc, ? and Ctrl+K, wherever the focus is, except while a person types. */
export function listenToKeys(): void {
  document.addEventListener('keydown', onKey)
}
