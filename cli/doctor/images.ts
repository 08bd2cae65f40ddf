import { existsSync } from 'node:fs'
import { imageFolder, stateFile } from '../../store/files.ts'
import { ImageFolder } from '../../store/images/folder.ts'
import { ImageMissing } from '../../store/images/port.ts'
import { openHazards, openHomes, openRegistry } from '../../store/state/sqlite.ts'
import { bad, type Check, good } from './check.ts'

/** Hazards read in one go. */
const PAGE = 1000

/** Are the floor plans and photographs there that the state speaks of, and are they what was put? */
export async function checkImages(dataDir: string): Promise<readonly Check[]> {
  if (!existsSync(stateFile(dataDir))) return []
  const ids = await spokenOf(dataDir)
  const images = new ImageFolder(imageFolder(dataDir))
  const missing: string[] = []
  for (const id of ids)
    await images.read(id).catch((error: unknown) => {
      if (!(error instanceof ImageMissing)) throw error
      missing.push(error.message)
    })
  if (missing.length === 0) return ids.size === 0 ? [] : [good('images', `${ids.size} plans and photographs, whole`)]
  return [
    bad(
      'images',
      `${missing.length} of ${ids.size} plans and photographs are missing or damaged: ${missing[0]}`,
      'Copy the folder images out of a backup over this one, or set the plan and add the photograph again.',
    ),
  ]
}

async function spokenOf(dataDir: string): Promise<ReadonlySet<string>> {
  const file = stateFile(dataDir)
  const [registry, homes, hazards] = [openRegistry(file), openHomes(file), openHazards(file)]
  try {
    const plans = await homes.plans((await registry.places()).map(({ id }) => id))
    const ids = new Set(plans.map(({ imageId }) => imageId))
    let cursor: string | undefined
    do {
      const page = await hazards.list({ state: 'all', limit: PAGE, cursor })
      for (const { photographs } of page.items) for (const { id } of photographs) ids.add(id)
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    return ids
  } finally {
    for (const port of [registry, homes, hazards]) await port.close()
  }
}
