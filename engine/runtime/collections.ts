import { setFlagsFromString } from 'node:v8'

/**
 * Has V8 collect everything rarely. To be called once, when the process starts. A full collection holds up an engine by 10
 * to 25 ms and its marking takes as much again of a core; what gathers meanwhile makes the next batches late too.
 *
 * - All objects are made among the young ones. Where objects of one place in the code survived a few collections, as a batch
 *   does that waits for its log, V8 makes all that follow among the old ones at once. Such an object is dead after
 *   milliseconds like any other, but is found dead by a full collection only, and keeps alive until then whatever young
 *   objects it names, a batch and its verdicts. At half load on Kafka 2 of the 4 MB that every small collection copied were
 *   such garbage (`--trace-gc-nvp`: promoted 12 KB instead of 2 MB).
 * - The old ones may grow to two and a half times what the last full collection left. V8 itself goes by how fast they grow,
 *   the slower the sooner: at a steady load it allows a tenth, and had a full collection for every 6 MB on top of 26, often two
 *   in a row. At 18,000 activities a second verdicts took 81 and 87 ms (99th percentile) with 6 and 7 full collections of
 *   the engine in half a minute, 41 and 64 ms with 2.
 */
export function collectRarely(): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
  setFlagsFromString('--heap-growing-percent=150')
}
