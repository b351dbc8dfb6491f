/**
 * How long a member of a group may write for its partitions without having been heard of. It ends before the group gives
 * the partitions to somebody else, so that a member that is cut off falls silent by itself.
 */
export interface Lease {
  /** The time, to be taken before the group is asked: by the clock of whoever asks, the group hears of it later than that. */
  moment(): Moment
  /** The group has answered what was asked at `asked`: from then on it waits for the whole session time-out. */
  renew(asked: Moment): void
  /** The partitions are given up, or are others' already. */
  end(): void
  valid(): boolean
}

/** Readings of all clocks. */
export type Moment = readonly number[]

/** Of the time that a group waits for a member; the rest is for an event loop that is late, and for clocks that differ in pace. */
const SHARE = 2 / 3

/**
 * Makes a lease that has yet to be granted. Of several clocks the one that has gone furthest counts: the wall clock may be
 * set back, the steady one may stand still while a machine sleeps.
 */
export function createLease(sessionTimeoutMs: number, clocks: readonly (() => number)[]): Lease {
  const leaseMs = sessionTimeoutMs * SHARE
  let heard: Moment | undefined
  const moment = () => clocks.map(clock => clock())
  return {
    moment,
    renew(asked) {
      heard = asked
    },
    end() {
      heard = undefined
    },
    valid() {
      const since = heard
      return since !== undefined && moment().every((now, clock) => now - since[clock]! < leaseMs)
    },
  }
}
