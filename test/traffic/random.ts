/** Seeded draws: the same seed plans the same traffic. */
export interface Random {
  /** Uniform in [0, 1). */
  readonly unit: () => number
  /** Uniform in [from, to). */
  readonly between: (from: number, to: number) => number
  /** Whole number in [from, to]. */
  readonly whole: (from: number, to: number) => number
  readonly chance: (probability: number) => boolean
  readonly pick: <T>(items: readonly T[]) => T
  readonly shuffled: <T>(items: readonly T[]) => T[]
  /** Long-tailed, as talk times are: log-normal with this median, spread σ of the logarithm. */
  readonly longTailed: (median: number, sigma: number) => number
}

/** mulberry32 (Tommy Ettinger): 32 bits of state, enough to plan ten minutes of traffic. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const unit = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (from: number, to: number) => from + unit() * (to - from)
  const whole = (from: number, to: number) => Math.floor(between(from, to + 1))
  return {
    unit,
    between,
    whole,
    chance: probability => unit() < probability,
    pick<T>(items: readonly T[]): T {
      const item = items[whole(0, items.length - 1)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    shuffled<T>(items: readonly T[]): T[] {
      const result = [...items]
      for (let last = result.length - 1; last > 0; last--) {
        const other = whole(0, last)
        const held = result[last]!
        result[last] = result[other]!
        result[other] = held
      }
      return result
    },
    // Box and Muller's transform.
    longTailed: (median, sigma) =>
      median * Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit())),
  }
}
