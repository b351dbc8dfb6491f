export { type CampaignOptions, type Campaigns, createCampaigns } from './campaigns.ts'
export { type TextFactName, textFactMeanings, textFactNames, textFacts } from './facts.ts'
export {
  decodeFingerprint,
  encodeFingerprint,
  FINGERPRINT_VALUES,
  type Fingerprint,
  fingerprintOf,
  resembles,
} from './fingerprint.ts'
export { readText, type TextReading } from './reading.ts'
