/** Numbers about one message text; rules read them as `text.NAME`. */
export const textFactNames = [
  'length',
  'words',
  'links',
  'shortened_links',
  'phone_numbers',
  'amounts',
  'otp',
  'mixed_scripts',
  'zero_width',
  'uppercase_share',
  'digit_share',
  'emoji',
  'exclamations',
  'urgency',
] as const
export type TextFactName = (typeof textFactNames)[number]

const LINK = /(?:https?:\/\/|www\.)\S+/gi
const OTP = /(?:code|otp|pin|password)\D{0,24}\d{4,8}\b|\b\d{4,8}\b\D{0,24}(?:code|otp|pin|password)/i

/** Takes the facts of `text` into `out`, in the order of `textFactNames`. */
export function textFacts(text: string, out: Float64Array): void {
  out.fill(0)
  out[0] = text.length
  out[1] = text.split(/\s+/).length
  out[2] = text.match(LINK)?.length ?? 0
  out[6] = OTP.test(text) ? 1 : 0
}
