import { decideHazard } from '../contract/hazards.ts'
import type { Images } from '../store/images/port.ts'
import type { Hazards } from '../store/state/hazards-port.ts'
import type { Homes } from '../store/state/homes-port.ts'
import type { City } from './worlds/city.ts'
import { drawFloor, homeFloors, pinsOf } from './worlds/floor-plan.ts'
import { hazardsOf } from './worlds/hazards.ts'
import { respondersOf, staffOf } from './worlds/people-on-duty.ts'

/** What the demo's homes have besides their devices. Everything once: what a person has changed or removed stays so. */
export async function seedHomes(
  stores: { readonly homes: Homes; readonly hazards: Hazards; readonly images: Images },
  city: City,
  seed: number,
  now: number,
): Promise<void> {
  const { homes, hazards } = stores
  const isDemo = ({ id }: { readonly id: string }): boolean => id.startsWith('demo-')
  if (!(await homes.staff()).some(isDemo)) await homes.putStaff(staffOf(city, seed))
  if (!(await homes.responders()).some(isDemo)) await homes.putResponders(respondersOf(city, seed))
  await seedPlans(stores, city)
  const stories = hazardsOf(city, now)
  const [first] = stories
  if (first === undefined || (await hazards.find(first.found.id)) !== undefined) return
  for (const { found, by, done } of stories) {
    const opened = { type: 'opened', at: found.foundAt, by: by.name } as const
    await hazards.open(found, { ...opened, verdict: null, photographId: null, comment: '' })
    for (const { action, by: actor, at } of done)
      await hazards.update(found.id, (before) => decideHazard(before, action, actor, at))
  }
}

async function seedPlans(
  { homes, images }: { readonly homes: Homes; readonly images: Images },
  city: City,
): Promise<void> {
  const mediaType = 'image/svg+xml'
  for (const floor of homeFloors()) {
    const drawing = drawFloor(floor)
    const imageId = await images.put(Buffer.from(drawing), mediaType)
    const [, width = '', height = ''] = /width="(\d+)" height="(\d+)"/.exec(drawing) ?? []
    for (const home of city.homes) {
      const placeId = `${home.id}-f${floor}`
      if ((await homes.plan(placeId)) !== undefined) continue
      await homes.putPlan({ placeId, imageId, mediaType, width: Number(width), height: Number(height) })
      await homes.setPins(placeId, pinsOf(home, floor))
    }
  }
}
