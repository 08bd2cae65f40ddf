/**
 * Which keys are due next: a binary heap over (time, key). Entries are not moved when a key lives on; whoever pops one
 * looks up the true deadline and puts it back. So that being heard costs nothing, and a city's silence is one pop per
 * device and rhythm.
 */
export class Deadlines {
  private readonly times: number[] = []
  private readonly keys: string[] = []

  get size(): number {
    return this.times.length
  }

  add(key: string, time: number): void {
    let i = this.times.push(time) - 1
    this.keys.push(key)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if ((this.times[parent] as number) <= (this.times[i] as number)) return
      this.swap(i, parent)
      i = parent
    }
  }

  /** Takes out the earliest key that is due at `now`. */
  take(now: number): string | undefined {
    if (this.times.length === 0 || (this.times[0] as number) > now) return undefined
    const key = this.keys[0]
    const lastTime = this.times.pop() as number
    const lastKey = this.keys.pop() as string
    if (this.times.length > 0) {
      this.times[0] = lastTime
      this.keys[0] = lastKey
      this.sink()
    }
    return key
  }

  private sink(): void {
    let i = 0
    for (;;) {
      const left = 2 * i + 1
      if (left >= this.times.length) return
      const right = left + 1
      const child =
        right < this.times.length && (this.times[right] as number) < (this.times[left] as number) ? right : left
      if ((this.times[i] as number) <= (this.times[child] as number)) return
      this.swap(i, child)
      i = child
    }
  }

  private swap(a: number, b: number): void {
    const time = this.times[a] as number
    const key = this.keys[a] as string
    this.times[a] = this.times[b] as number
    this.keys[a] = this.keys[b] as string
    this.times[b] = time
    this.keys[b] = key
  }
}
