import type { JournalLane } from '../journal/port.ts'
import type { Views } from './views-port.ts'

/** The number of the newest record of a lane that anybody has read. */
export async function furthestCursor(views: Pick<Views, 'cursors'>, lane: JournalLane): Promise<number> {
  const cursors = await views.cursors()
  return cursors.reduce((furthest, at) => (at.lane === lane ? Math.max(furthest, at.seq) : furthest), 0)
}
