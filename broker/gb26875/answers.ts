/** Answers in the order of what they answer, whenever each of them is decided. */
export class Answers {
  private readonly slots: {
    bytes: Uint8Array | undefined
    decided: boolean
    readonly send: (bytes: Uint8Array) => void
  }[] = []

  /** What has been read and not been answered. */
  get open(): number {
    return this.slots.length
  }

  /**
   * A place in the row.
   * @returns gives the answer; undefined: none
   */
  reserve(send: (bytes: Uint8Array) => void): (bytes: Uint8Array | undefined) => void {
    const slot = { bytes: undefined as Uint8Array | undefined, decided: false, send }
    this.slots.push(slot)
    return (bytes) => {
      slot.bytes = bytes
      slot.decided = true
      while (this.slots[0]?.decided === true) {
        const first = this.slots.shift()
        if (first?.bytes !== undefined) first.send(first.bytes)
      }
    }
  }
}
