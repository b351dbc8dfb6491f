/**
 * State that can be saved while it goes on changing: fixed-size pages, copy-on-write.
 * A partition owns several, each under its own name; together with the next offset they are a snapshot (DESIGN §5).
 */
export interface PagedState {
  readonly name: string
  /** Names the layout of the pages; a snapshot of another layout is refused, never guessed. */
  readonly layout: string
  /**
   * Freezes the state as it is now and gives the pages that changed since the last freeze (all of them when `full`).
   * The partition goes on at once: a page that is written to before it was taken is copied first.
   * One freeze at a time; `release` ends it.
   */
  freeze(full: boolean): FrozenPages
  /** Puts one saved page back. Pages may come in any order. */
  load(page: number, bytes: Uint8Array): void
  /** All pages are back: rebuild what is derived (indexes, free lists). */
  restored(): void
}

export interface FrozenPages {
  /** Number of pages of the whole state at the freeze; a page beyond the ones ever taken is empty. */
  readonly total: number
  /** The next changed page, its bytes valid until the following call; undefined when all were taken. */
  next(): { readonly page: number; readonly bytes: Uint8Array } | undefined
  release(): void
}
