import { textFactNames, textFacts } from '../../engine/content/index.ts'
import { idOf } from '../../engine/hash/index.ts'
import type { ContentReader } from './policy.ts'

/** The engine's own features of a text, so that what a tap takes and what the engine takes are the same numbers. */
export function contentReader(): ContentReader {
  const facts = new Float64Array(textFactNames.length)
  return {
    features(text) {
      textFacts(text, facts)
      const features: Record<string, number> = {}
      for (let i = 0; i < facts.length; i++) features[textFactNames[i]!] = facts[i]!
      return features
    },
    fingerprint: text => idOf('text', text),
  }
}
