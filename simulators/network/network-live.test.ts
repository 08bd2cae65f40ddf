import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { isDeviceId } from '../../contract/topics.ts'
import { DAY_MS, HOUR_MS } from '../worlds/household.ts'
import { arrivalsOf } from '../worlds/network-arrivals.ts'
import { openNetwork } from '../worlds/network-engine.ts'
import { hourOfDay } from '../worlds/network-leaks.ts'
import type { WorldUpload } from '../worlds/network-uploads.ts'
import { type NetworkWorldOptions, networkWorld } from '../worlds/network-world.ts'
import { leakAtHome, leakOnNetwork, parseLeak } from './leak-words.ts'
import { registrationOf } from './network-registration.ts'
import { play } from './play.ts'
import { TWO_VILLAGES } from './two-villages.ts'
import type { WorldClock } from './world-clock.ts'
import { newMaster, readWorldFile, writeWorldFile } from './world-file.ts'

const network = await openNetwork(TWO_VILLAGES)
const LIVE_FROM = Date.parse('2026-11-15T00:00:00+08:00')
const TODAY = Math.floor(Date.now() / DAY_MS)
/** A network is solved once: another world needs it opened anew. */
const worldOf = async (options: Partial<NetworkWorldOptions> = {}) =>
  networkWorld(await openNetwork(TWO_VILLAGES), {
    seed: 3,
    meters: 60,
    villages: 2,
    days: 4,
    leaksPerMonth: 0,
    ...options,
  })

describe('a leak as it is typed', () => {
  it.each([
    ['p1@10m:8m3h', 0, 0, Number.POSITIVE_INFINITY, 8],
    ['p1@3h:500lh/4d', 3, 3, 3 + 96, 0.5],
    ['a2@1d+5d:2ls', 24, 24 + 120, Number.POSITIVE_INFINITY, 7.2],
    ['p1@2026-11-20T03:00:8m3h', 5 * 24 + 3, 5 * 24 + 3, Number.POSITIVE_INFINITY, 8],
    ['p1@2026-11-20:8m3h', 5 * 24, 5 * 24, Number.POSITIVE_INFINITY, 8],
  ])('%s begins, grows, ends and loses as it says', (words, start, full, end, m3h) => {
    const liveHour = LIVE_FROM / HOUR_MS
    expect(leakOnNetwork(parseLeak(words), network, () => true, LIVE_FROM)).toEqual({
      node: 'a2',
      ...{ start: liveHour + start, full: liveHour + full, end: liveHour + end, m3h },
    })
  })

  it('on a pipe that is not there is answered with pipes of like names', () => {
    expect(() => leakOnNetwork(parseLeak('p3@1d:1m3h'), network, () => true, LIVE_FROM)).toThrow(
      /no pipe or node "p3"; there are p1, p2/,
    )
  })

  it('that is none, loses nothing, or lies in no village or household is answered with what to type', () => {
    expect(() => parseLeak('p1@soon:8m3h')).toThrow(/WHERE@WHEN/)
    expect(() => parseLeak('p1@1d:0lh')).toThrow(/loses nothing/)
    expect(() => leakOnNetwork(parseLeak('m@1d:1m3h'), network, () => false, LIVE_FROM)).toThrow(/at the plant/)
    expect(() => leakAtHome(parseLeak('home-60@1d:20lh'), 60, LIVE_FROM)).toThrow(/home-0 to home-59/)
    expect(leakAtHome(parseLeak('l-town-home-12@1d:20lh'), 60, LIVE_FROM)).toMatchObject({ home: 12, lph: 20 })
  })
})

describe('the meters of a network', async () => {
  const world = await worldOf({ wells: 2 })
  const { places, devices, flows, registered, gateways } = registrationOf('town', 3, TWO_VILLAGES, world, true)

  it('stand in wells of a village in a township, under the gateway that speaks for them', () => {
    const placeOf = new Map(places.map((place) => [place.id, place]))
    for (const { kind, placeId, gatewayId, lon, lat } of devices) {
      const stands = placeOf.get(placeId)?.kind
      if (kind === 'water-meter') expect(stands).toBe('well')
      else expect(['village', ...(kind === 'bulk-meter' ? ['well'] : [])]).toContain(stands)
      if (kind !== 'gateway') expect(gateways).toContain(gatewayId)
      expect([lon > 115.5, lon < 116.5, lat > 36, lat < 37]).toEqual([true, true, true, true])
    }
    expect(devices.every(({ id }) => isDeviceId(id))).toBe(true)
    expect(new Set(devices.map(({ id }) => id)).size).toBe(devices.length)
    for (const { parentId } of places) expect(parentId === null || placeOf.has(parentId)).toBe(true)
  })

  it('are all registered, and each bulk meter with what it joins', () => {
    for (const { id } of [...world.meters, ...world.sensors]) expect(registered.has(id)).toBe(true)
    expect(flows.map(({ deviceId }) => deviceId).sort()).toEqual(
      devices
        .filter(({ kind }) => kind === 'bulk-meter')
        .map(({ id }) => id)
        .sort(),
    )
    expect(flows.find(({ deviceId }) => deviceId === 'town-bulk-m')).toMatchObject({ into: 'town-mains', outOf: null })
  })
})

describe('a world that is played', () => {
  /** A broker that takes everything. */
  const playAll = async (options: {
    readonly sentThrough: number
    readonly stopAfter?: number
  }): Promise<WorldUpload[]> => {
    const world = await worldOf({ firstDay: TODAY - 3, sending: { twice: 0.2 } })
    const sent: { readonly id: string; readonly payload: string }[] = []
    const stop = new AbortController()
    await play({
      batches: arrivalsOf(world),
      registered: new Map(world.meters.map(({ id }) => [id, { id, gateway: 'g' }])),
      post: {
        send: async (_, id, payload) => {
          sent.push({ id, payload })
          if (sent.length === options.stopAfter) stop.abort()
        },
        settled: async () => undefined,
      },
      ...{
        sentThrough: options.sentThrough,
        liveFrom: hourOfDay(TODAY - 1) * HOUR_MS,
        speed: Number.POSITIVE_INFINITY,
      },
      ...{ stop: stop.signal, onProgress: () => undefined, onLive: () => undefined, onPresent: () => false },
    })
    const all = [...arrivalsOf(await worldOf({ firstDay: TODAY - 3, sending: { twice: 0.2 } }))].flat()
    return sent.map(({ id, payload }, i) => {
      const upload = all.filter((one) => one.arrivesAt > options.sentThrough)[i]!
      expect({ id, payload }).toEqual({ id: upload.deviceId, payload: upload.payload })
      return upload
    })
  }

  it('sends what the world wrote, byte for byte, in the order of its arrival, and nothing of the future', async () => {
    const sent = await playAll({ sentThrough: 0 })
    expect(sent.length).toBeGreaterThan(100)
    expect(sent.map(({ arrivesAt }) => arrivesAt)).toEqual(
      sent.map(({ arrivesAt }) => arrivesAt).toSorted((a, b) => a - b),
    )
    expect(Math.max(...sent.map(({ arrivesAt }) => arrivesAt))).toBeLessThanOrEqual(Date.now())
  })

  it('goes on behind what was acknowledged before, and stops when it is told to', async () => {
    const whole = await playAll({ sentThrough: 0 })
    const rest = await playAll({ sentThrough: whole[59]!.arrivesAt })
    expect(rest).toEqual(whole.slice(60))
    expect(await playAll({ sentThrough: 0, stopAfter: 10 })).toHaveLength(10)
  })
})

describe('a world that catches up with the clock', () => {
  it('says so when it does, and not when the next meter sends', async () => {
    const now = Date.now()
    const tomorrow = { deviceId: 'a', arrivesAt: now + DAY_MS, payload: '{}' }
    const shown = await new Promise<number>((resolve) => {
      let clock: WorldClock | undefined
      void play({
        ...{ batches: [[tomorrow]], registered: new Map(), sentThrough: 0, liveFrom: now - HOUR_MS, speed: 20_000 },
        post: { send: async () => undefined, settled: async () => undefined },
        stop: new AbortController().signal,
        onProgress: () => undefined,
        onLive: (started) => {
          clock = started
        },
        onPresent: () => {
          resolve(clock!.now())
          return false
        },
      })
    })
    expect(shown).toBeGreaterThanOrEqual(now)
    expect(shown).toBeLessThanOrEqual(Date.now())
  })
})

describe('what is remembered of a world', () => {
  const dir = mkdtempSync(join(tmpdir(), 'hydrant-world-'))
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  it('is the same at the next start, and nothing is known of another name', () => {
    const file = {
      made: { inp: 'a', seed: 1, meters: 60, villages: 2, perHour: 1 as const, leaksPerMonth: 0, pressure: false },
      ...{ master: newMaster(), firstDay: TODAY, liveFrom: 5, sentThrough: 9, homeLeaks: [] },
      leaks: [{ words: 'p1@10m:8m3h', liveFrom: 5 }],
    }
    writeWorldFile(dir, 'town', file)
    expect(readWorldFile(dir, 'town')).toEqual(file)
    expect(readWorldFile(dir, 'other')).toBeUndefined()
  })
})
