import { hashText } from './murmur3.ts'

/** First words of hashes of texts of which one often comes many times running. */
export interface LastHash {
  /** First word of the hash; 0 of an empty text or none. */
  of(text: string | undefined): number
}

/** Remembers the last text and its hash: user agents and switches come again and again, and comparing is not hashing. */
export function createLastHash(seed: number): LastHash {
  const hash = new Uint32Array(4)
  let last = ''
  return {
    of(text) {
      if (text === undefined || text === '') return 0
      if (text !== last) hashText(text, seed, hash)
      last = text
      return hash[0]!
    },
  }
}
