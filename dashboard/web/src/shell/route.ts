import { useSyncExternalStore } from 'react'

/** The pages of the console by their path. */
export type Route =
  | { readonly page: 'map' }
  | { readonly page: 'devices' }
  | { readonly page: 'device'; readonly id: string }
  | { readonly page: 'incidents' }
  | { readonly page: 'incident'; readonly id: string }
  | { readonly page: 'report'; readonly id: string }
  | { readonly page: 'homes' }
  | { readonly page: 'home'; readonly id: string }
  | { readonly page: 'hazards' }
  | { readonly page: 'hazard'; readonly id: string }
  | { readonly page: 'duty' }
  | { readonly page: 'water' }
  | { readonly page: 'zone'; readonly id: string }
  | { readonly page: 'first' }
  | { readonly page: 'orders' }
  | { readonly page: 'order'; readonly id: string }
  | { readonly page: 'plants' }
  | { readonly page: 'plant'; readonly id: string }
  | { readonly page: 'alone' }
  | { readonly page: 'channels' }
  | { readonly page: 'quarantine' }
  | { readonly page: 'system' }
  | { readonly page: 'account' }
  | { readonly page: 'users' }
  | { readonly page: 'audit' }

export function parseRoute(path: string): Route {
  const [, first, second, third] = path.split('/')
  const id = decoded(second)
  if (first === 'devices') return id === '' ? { page: 'devices' } : { page: 'device', id }
  if (first === 'incidents') {
    if (id === '') return { page: 'incidents' }
    return third === 'report' ? { page: 'report', id } : { page: 'incident', id }
  }
  if (first === 'homes') return id === '' ? { page: 'homes' } : { page: 'home', id }
  if (first === 'hazards') return id === '' ? { page: 'hazards' } : { page: 'hazard', id }
  if (first === 'water') return parseWater(id, decoded(third))
  return { page: LONE_PAGES.find((page) => page === first) ?? 'map' }
}

function parseWater(part: string, id: string): Route {
  if (part === 'zones' && id !== '') return { page: 'zone', id }
  if (part === 'orders') return id === '' ? { page: 'orders' } : { page: 'order', id }
  if (part === 'plants') return id === '' ? { page: 'plants' } : { page: 'plant', id }
  return { page: part === 'first' ? 'first' : 'water' }
}

/** Pages of which there is one each, under their own name. */
const LONE_PAGES = ['duty', 'alone', 'channels', 'quarantine', 'system', 'account', 'users', 'audit'] as const

/** Empty also where it cannot be read: then the list is shown. */
function decoded(word: string | undefined): string {
  try {
    return decodeURIComponent(word ?? '')
  } catch {
    return ''
  }
}

export const pathOf = (route: Route): string => {
  switch (route.page) {
    case 'map':
      return '/'
    case 'device':
      return `/devices/${encodeURIComponent(route.id)}`
    case 'incident':
      return `/incidents/${encodeURIComponent(route.id)}`
    case 'report':
      return `/incidents/${encodeURIComponent(route.id)}/report`
    case 'home':
      return `/homes/${encodeURIComponent(route.id)}`
    case 'hazard':
      return `/hazards/${encodeURIComponent(route.id)}`
    case 'zone':
      return `/water/zones/${encodeURIComponent(route.id)}`
    case 'order':
      return `/water/orders/${encodeURIComponent(route.id)}`
    case 'plant':
      return `/water/plants/${encodeURIComponent(route.id)}`
    case 'first':
    case 'orders':
    case 'plants':
      return `/water/${route.page}`
    case 'devices':
    case 'water':
    case 'alone':
    case 'incidents':
    case 'homes':
    case 'hazards':
    case 'duty':
    case 'channels':
    case 'quarantine':
    case 'system':
    case 'account':
    case 'users':
    case 'audit':
      return `/${route.page}`
  }
}

const listeners = new Set<() => void>()
let current = parseRoute(globalThis.location?.pathname ?? '/')
const moved = (): void => {
  current = parseRoute(location.pathname)
  for (const listener of listeners) listener()
}
globalThis.addEventListener?.('popstate', moved)

export function go(route: Route): void {
  const path = pathOf(route)
  if (path === location.pathname) return
  // Wall mode stays on from page to page.
  const wall = new URLSearchParams(location.search).get('wall') === '1' ? '?wall=1' : ''
  history.pushState(null, '', path + wall)
  moved()
}

export const currentRoute = (): Route => current

export const useRoute = (): Route =>
  useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, currentRoute)
