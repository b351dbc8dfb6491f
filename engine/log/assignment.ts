/**
 * Who owns which partition number in a group. A member owns a number for all its topics, so that records of one party
 * from several topics meet in one place. Sticky: as few numbers move as balance allows, since a move costs a restore.
 *
 * Takes the members in any order, the number of partitions, and the owner of each number before (undefined: none, or gone).
 * Gives the owner of each number; counts differ by one at most. Deterministic: every member computes the same.
 */
export function assignPartitions(
  members: readonly string[],
  partitions: number,
  before: readonly (string | undefined)[],
): string[] {
  if (members.length === 0) return []
  const sorted = [...members].sort()
  const owned = new Map<string, number[]>(sorted.map(member => [member, []]))
  const free: number[] = []
  for (let partition = 0; partition < partitions; partition++) {
    const list = owned.get(before[partition] ?? '')
    if (list === undefined) free.push(partition)
    else list.push(partition)
  }
  // The larger shares go to those who have most already, so that the fewest partitions move.
  const byHolding = [...sorted].sort((a, b) => owned.get(b)!.length - owned.get(a)!.length || (a < b ? -1 : 1))
  const share = Math.floor(partitions / sorted.length)
  const extra = partitions % sorted.length
  byHolding.forEach((member, rank) => {
    const list = owned.get(member)!
    free.push(...list.splice(share + (rank < extra ? 1 : 0)))
  })
  free.sort((a, b) => a - b)
  byHolding.forEach((member, rank) => {
    const list = owned.get(member)!
    while (list.length < share + (rank < extra ? 1 : 0)) list.push(free.shift()!)
  })
  const owners = new Array<string>(partitions)
  for (const [member, list] of owned) for (const partition of list) owners[partition] = member
  return owners
}
