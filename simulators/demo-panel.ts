import { hashSecret } from '../store/identity.ts'
import type { Registry } from '../store/state/registry-port.ts'
import { TransmissionDevice } from './devices/transmission-device.ts'
import type { City } from './worlds/city.ts'

/** One home of the demo has a fire panel besides, whose transmission device speaks GB/T 26875.3. Its person on duty answers. */

/** None of those to which something happens in the opening scenes. */
const PANEL_HOME = 2
/** Beginning of the county's administrative code: nobody who tries a panel of his own meets it. */
const ADDRESS = 371_500_001
const POINTS = 40
/** It is this machine, whatever the port is opened to. */
const LOOPBACK = ['127.0.0.1', '::1']

/** Registers it, once: what a person changed stays. */
export async function seedPanel(
  registry: Registry,
  { homes, places }: City,
  secretOf: (deviceId: string) => string,
): Promise<void> {
  const home = homes[PANEL_HOME]
  const place = places.find(({ id }) => id === home?.id)
  if (home === undefined || place === undefined) return
  const id = `${home.id}-panel`
  if ((await registry.find(id)) !== undefined || (await registry.findByGbAddress(ADDRESS)) !== undefined) return
  await registry.put(
    [
      {
        id,
        kind: 'fire-panel',
        name: '火灾报警控制器',
        model: 'GB/T 26875.3',
        placeId: home.id,
        gatewayId: null,
        lon: place.lon,
        lat: place.lat,
        rhythmS: null,
        secretHash: hashSecret(secretOf(id)),
        gbAddress: ADDRESS,
        gbFrom: LOOPBACK,
      },
    ],
    { replace: false },
  )
}

export const demoPanel = ({ host, port }: { readonly host: string; readonly port: number }): TransmissionDevice =>
  new TransmissionDevice({ host, port, address: ADDRESS, points: POINTS })
