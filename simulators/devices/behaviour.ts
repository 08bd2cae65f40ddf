import type { CityDevice } from '../worlds/city.ts'
import { button, doorContact } from './buttons.ts'
import type { Behaviour, Draw } from './device.ts'
import { fireWater } from './fire-water.ts'
import { coDetector, gasDetector } from './gas-detectors.ts'
import { heatDetector } from './heat-detector.ts'
import { smokeDetector } from './smoke-detector.ts'
import { type Collected, waterMeter } from './water-meter.ts'

/** The behaviour of each device class the demo has. */
export function behaviourOf(device: CityDevice, draws: readonly Draw[], collected: Collected): Behaviour {
  switch (device.kind) {
    case 'water-meter':
      return waterMeter(device.seed, draws, collected)
    case 'smoke-detector':
      return smokeDetector(device.seed)
    case 'heat-detector':
      return heatDetector(device.seed)
    case 'gas-detector':
      return gasDetector(device.seed)
    case 'co-detector':
      return coDetector(device.seed)
    case 'call-point':
    case 'panic-button':
      return button(device.seed)
    case 'door-contact':
      return doorContact(device.seed)
    case 'fire-water':
      return fireWater(device.seed)
    default:
      throw new Error(`the demo has no ${device.kind}`)
  }
}
