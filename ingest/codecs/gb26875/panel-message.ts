import type { Operation } from '../../../contract/gb26875/states.ts'
import type { Quantity, Value } from '../../../contract/quantities.ts'
import type {
  AnnouncedDevice,
  Complaint,
  DecodedBlock,
  DecodedMessage,
  Evidence,
  PanelOperation,
} from '../../../contract/readings.ts'
import type { Reason } from '../../../contract/reasons.ts'
import { checkValue } from '../values.ts'

/** Gathers what one frame of a panel says, object by object. */
export class PanelMessage {
  readonly panelId: string
  readonly arrivedAt: number
  private readonly blocks: DecodedBlock[] = []
  private readonly complaints: Complaint[] = []
  private readonly announced = new Map<string, AnnouncedDevice>()
  private readonly attributes = new Map<string, Record<string, unknown>>()
  private readonly operations: PanelOperation[] = []

  constructor(panelId: string, arrivedAt: number) {
    this.panelId = panelId
    this.arrivedAt = arrivedAt
  }

  /** Resolves with the device's id. Of two names in one frame the one that the panel gives counts. */
  announce(device: AnnouncedDevice): string {
    const known = this.announced.get(device.id)
    if (known === undefined || known.name === known.provisionalName) this.announced.set(device.id, device)
    return device.id
  }

  /** Measured at arrival: a panel's clock has no zone and is often wrong (ADR 20). Objects stay in their order. */
  read(
    deviceId: string,
    values: readonly { readonly quantity: Quantity; readonly value: Value }[],
    evidence?: Evidence,
  ): void {
    const fields = values.flatMap(({ quantity, value }) => {
      const bad = checkValue(quantity, value)
      if (bad === undefined) return [{ quantity, values: [value] }]
      this.complaints.push({ ...bad, deviceId })
      return []
    })
    if (fields.length === 0) return
    const readings = { at: [this.arrivedAt], fields }
    this.blocks.push({ deviceId, readings, ...(evidence === undefined ? {} : { evidence }) })
  }

  attribute(deviceId: string, name: string, value: string | number): void {
    const known = this.attributes.get(deviceId)
    if (known === undefined) this.attributes.set(deviceId, { [name]: value })
    else known[name] = value
  }

  operate(operations: readonly Operation[], systemId: string | undefined, operator: number | undefined): void {
    for (const operation of operations)
      this.operations.push({ panelId: this.panelId, systemId, operation, operator, at: this.arrivedAt })
  }

  complain(reason: Reason, detail: string): void {
    this.complaints.push({ reason, detail })
  }

  finish(): DecodedMessage {
    return {
      blocks: this.blocks,
      complaints: this.complaints,
      announced: [...this.announced.values()],
      attributes: Array.from(this.attributes, ([deviceId, attributes]) => ({ deviceId, attributes })),
      operations: this.operations,
    }
  }
}
