import { explain } from '../queue/act.ts'
import { view } from '../store/view.ts'
import { ApiFailure } from './request.ts'

/** Does what a person asked for, and says why where the server refused. @returns what came of it; undefined: refused */
export async function attempt<T>(work: () => Promise<T>): Promise<{ readonly done: T } | undefined> {
  try {
    return { done: await work() }
  } catch (failure) {
    if (!(failure instanceof ApiFailure)) throw failure
    view.say(explain(failure.code, failure.message), true)
    return undefined
  }
}
