import { basename } from 'node:path'
import type { Command } from 'commander'
import { LARGEST_PLAN } from '../../contract/home-answers.ts'
import { megabytes } from '../../store/disk-guard.ts'
import { imageFolder } from '../../store/files.ts'
import { ImageFolder } from '../../store/images/folder.ts'
import { type ImageFault, readImage } from '../../store/images/image.ts'
import { readUserFile } from '../import/read-table.ts'
import { Mistake } from '../mistake.ts'
import { print } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

const WHY: Record<ImageFault, string> = {
  unknown: 'it is no PNG, JPEG, WebP or SVG',
  damaged: 'it is damaged or was cut short, or is an SVG without width, height and viewBox',
  'too-large': 'it has too many pixels (64 million at most)',
  program: 'the drawing holds a program: export it as plain SVG',
}

/** Sets the picture of a floor. Where its devices are on it is said in the console. */
async function setPlan(session: Session, placeId: string, file: string): Promise<void> {
  const bytes = readUserFile(file, session.env)
  const places = new Map((await session.registry.places()).map((place) => [place.id, place]))
  if (!places.has(placeId)) throw new Mistake(`There is no place ${placeId}. \`place list\` shows them.`)
  if (bytes.length > LARGEST_PLAN)
    throw new Mistake(`${file} has ${megabytes(bytes.length)}; a plan may have ${megabytes(LARGEST_PLAN)}.`)
  const read = readImage(bytes)
  if (!read.ok) throw new Mistake(`${file} cannot be used as a plan: ${WHY[read.fault]}.`)
  const { mediaType, width, height } = read.image
  const imageId = await new ImageFolder(imageFolder(session.config.dataDir)).put(read.image.bytes, mediaType)
  const plan = await session.homes.putPlan({ placeId, imageId, mediaType, width, height })
  await session.audit('plan.put', placeId, `revision ${plan.revision}, ${imageId}, from ${basename(file)}`)
  print(`${placeId} has a plan of ${width} × ${height} (revision ${plan.revision}, ${plan.pins.length} devices on it).`)
}

export function addPlanCommands(parent: Command, run: Run): void {
  const plan = parent.command('plan').description('floor plans')
  plan
    .command('set')
    .argument('<place>', 'the floor')
    .argument('<file>', 'PNG, JPEG, WebP or SVG, at most 4 MiB')
    .description('set the plan of a floor; the devices on it stay where they are')
    .action(run(setPlan))
}
