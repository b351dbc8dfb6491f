import { Activity, type ActivityKind, activityKinds, type Decoded, jsonCodec } from '../../engine/activity/index.ts'

const codec = jsonCodec(Activity)
const codecs = new Map<unknown, ReturnType<typeof jsonCodec>>(
  Activity.anyOf.map(schema => [schema.properties.kind.const, jsonCodec(schema)]),
)

/**
 * Decodes one activity as it is on the log. The reason of a refusal names the field that is wrong, not its value, so that
 * refusals can be counted by reason.
 */
export function decodeActivity(bytes: Uint8Array): Decoded<Activity> {
  const decoded = codec.decode(bytes)
  if (decoded.ok) return decoded
  if (decoded.reason.startsWith('not JSON')) return { ok: false, reason: 'not JSON' }
  // A union only says that no member fits: ask the member that the record claims to be.
  const kind = (JSON.parse(Buffer.from(bytes).toString()) as { kind?: ActivityKind } | null)?.kind
  const reason = codecs.get(kind)?.decode(bytes)
  if (reason === undefined || reason.ok) return { ok: false, reason: `/kind: is none of ${activityKinds.join(', ')}` }
  return reason
}
