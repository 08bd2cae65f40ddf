/** Probability of at most `count` events where `mean` are expected. */
function atMost(count: number, mean: number): number {
  let term = Math.exp(-mean)
  let sum = term
  for (let k = 1; k <= count; k++) {
    term *= mean / k
    sum += term
  }
  return sum
}

/** Counts from here on are near enough to normal, and `atMost` would underflow. */
const NORMAL_FROM = 400
const Z_95 = 1.96
const TAIL = 0.025

/** Exact 95 % interval (Garwood) of the mean of a Poisson count. */
export function poissonInterval(count: number): readonly [number, number] {
  if (count >= NORMAL_FROM) return [count - Z_95 * Math.sqrt(count), count + Z_95 * Math.sqrt(count)]
  const low = count === 0 ? 0 : bisect((mean) => 1 - atMost(count - 1, mean) >= TAIL, 0, count)
  return [low, bisect((mean) => atMost(count, mean) <= TAIL, count, 3 * count + 10)]
}

/** Where `holds` turns true between `low` and `high`. */
function bisect(holds: (mean: number) => boolean, low: number, high: number): number {
  let [a, b] = [low, high]
  for (let i = 0; i < 60; i++) {
    const middle = (a + b) / 2
    if (holds(middle)) b = middle
    else a = middle
  }
  return (a + b) / 2
}
