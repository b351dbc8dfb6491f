import {
  encodeFingerprint,
  FINGERPRINT_VALUES,
  fingerprintOf,
  textFactNames,
  textFacts,
} from '../../engine/content/index.ts'
import type { ContentReader } from './policy.ts'

/** The engine's own features and fingerprint of a text: what a tap takes and what the engine takes are the same. */
export function contentReader(): ContentReader {
  const facts = new Float64Array(textFactNames.length)
  const fingerprint = new Uint16Array(FINGERPRINT_VALUES)
  return {
    features(text) {
      textFacts(text, facts)
      const features: Record<string, number> = {}
      for (let i = 0; i < facts.length; i++) features[textFactNames[i]!] = facts[i]!
      return features
    },
    fingerprint: text => (fingerprintOf(text, fingerprint) ? encodeFingerprint(fingerprint) : undefined),
  }
}
