/** What the entries of a list are, and so how they are compared. */
export const listKinds = ['numbers', 'ranges', 'prefixes', 'addresses', 'agents', 'senders'] as const
export type ListKind = (typeof listKinds)[number]

/** An immutable set of entries of one kind. */
export interface MemberSet {
  readonly kind: ListKind
  /** Entries taken in, duplicates and merged ranges counted once. */
  readonly size: number
  /** Bytes of its tables, without what the engine adds. */
  readonly bytes: number
  /** A value that is not of this kind (an address asked of a list of numbers) is simply not in it. */
  has(value: string): boolean
  /** Visits every entry as a party, for kinds that name single parties; absent for ranges, prefixes and parts of names. */
  each?(visit: (party: string) => void): void
}
