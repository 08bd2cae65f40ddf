import { parentPort, workerData } from 'node:worker_threads'
import type { FleetOptions } from '../../simulators/worlds/household-fleet.ts'
import { scorePart } from './household-score.ts'

/** A thread of the evaluation: its share of the fleet. */
const { options, from, to } = workerData as { options: FleetOptions; from: number; to: number }
parentPort?.postMessage(scorePart(options, from, to))
