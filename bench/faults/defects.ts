import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'

/**
 * Loaded into ingest with `--import`: puts a defect into functions of its, each of which then fails on one value. The
 * modules themselves stay as they are; what imports them gets the function with the defect. While the file that
 * HYDRANT_BENCH_MENDED names exists, every defect is mended.
 */
interface Defect {
  /** The module, from the root of the repository, and what it exports. */
  readonly module: string
  readonly name: string
  /** An expression over `sound`, the function without the defect, and `fails(anything, value)`, which throws. */
  readonly broken: string
}

/** A value of a reading that each stage cannot bear. dB/m, below every limit of smoke detection. */
export const UNBEARABLE = { decode: 0.0123, validate: 0.0234, detect: 0.0345, store: 0.0456 } as const

const DEFECTS: readonly Defect[] = [
  {
    module: 'ingest/decode.ts',
    name: 'decodeRecord',
    broken: `(record) => (fails(Buffer.from(record.payload).toString(), ${UNBEARABLE.decode}), sound(record))`,
  },
  {
    module: 'ingest/validate.ts',
    name: 'validateTimes',
    broken: `(readings, arrivedAt) => (fails(readings, ${UNBEARABLE.validate}), sound(readings, arrivedAt))`,
  },
  {
    module: 'ingest/detectors/smoke.ts',
    name: 'smoke',
    broken: `({ ...sound, step: (state, input, ...more) => (fails(input, ${UNBEARABLE.detect}), sound.step(state, input, ...more)) })`,
  },
  {
    module: 'store/state/sqlite.ts',
    name: 'openDecisions',
    broken: `(file) => {
      const decisions = sound(file)
      const commit = decisions.commit.bind(decisions)
      decisions.commit = async (decision) => {
        for (const { latest } of decision.sightings) fails([...(latest ?? new Map()).values()], ${UNBEARABLE.store})
        return commit(decision)
      }
      return decisions
    }`,
  },
]

const MENDED = process.env.HYDRANT_BENCH_MENDED
if (MENDED !== undefined) {
  Object.assign(globalThis, {
    fails: (said: unknown, value: number): void => {
      if (!existsSync(MENDED) && JSON.stringify(said).includes(String(value)))
        throw new TypeError(`a defect put in by the bench: it cannot bear ${value}`)
    },
  })
  registerHooks({
    load: (url, context, next) => {
      const defect = DEFECTS.find(({ module }) => url.endsWith(`/${module}`))
      if (defect === undefined) return next(url, context)
      const sound = JSON.stringify(`${url}?sound`)
      return {
        format: 'module',
        shortCircuit: true,
        source: `export * from ${sound}
          import { ${defect.name} as sound } from ${sound}
          export const ${defect.name} = ${defect.broken}`,
      }
    },
  })
}
