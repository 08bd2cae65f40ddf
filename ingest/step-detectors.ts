import type { Detector, DetectorInput, Finding } from './detectors/detector.ts'
import type { DeviceState } from './device-state.ts'

export type Detectors = readonly Detector<unknown>[]

/** Every detector that looks at this kind of device takes one step. */
export function stepDetectors(
  before: DeviceState['detectors'],
  detectors: Detectors,
  input: DetectorInput,
): { readonly states: DeviceState['detectors']; readonly findings: readonly Finding[] } {
  let states = before
  const findings: Finding[] = []
  for (const detector of detectors) {
    if (detector.kinds !== 'all' && !detector.kinds.has(input.device.kind)) continue
    if (input.type === 'tick' && detector.wantsTicks !== true) continue
    const state = Object.hasOwn(states, detector.name) ? states[detector.name] : detector.initial
    const next = detector.step(state, input)
    if (next.state !== state) states = { ...states, [detector.name]: next.state }
    findings.push(...next.findings)
  }
  return { states, findings }
}
