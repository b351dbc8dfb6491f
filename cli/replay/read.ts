import { statSync } from 'node:fs'
import { openRecording } from '../../connectors/inspect/index.ts'
import type { RecordingSink } from '../../connectors/recording.ts'
import { createSipObserver, type SipOptions } from '../../connectors/sip/index.ts'
import { createMessageObservers } from '../../connectors/streams/index.ts'
import type { Activity } from '../../engine/activity/index.ts'
import { createReports, type FeedbackOptions } from '../../engine/feedback/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import { countDrop, type TapCounters, tapCounters } from '../../engine/observe/index.ts'
import { type ProgressStream, showProgress } from '../terminal/index.ts'

export interface ReadOptions {
  readonly identity: Identity
  readonly sip?: Partial<SipOptions>
  /** How reports of people come in; none are looked for without. */
  readonly feedback?: FeedbackOptions
  readonly onActivity: (activity: Activity) => void
  /** Told once for each reason, with the first place it was met at. */
  readonly onDropped: (file: string, reason: string, place: string) => void
  readonly progress: ProgressStream
  /** Awaited between chunks of a file, by a consumer that may lag behind. */
  readonly ready?: () => Promise<void> | undefined
}

/**
 * Reads recordings one after another into activities: captures through the same observers that live taps use, records
 * as they are. Gives the counters of what was read and dropped.
 * @throws RingfenceError INPUT_UNREADABLE, INPUT_INVALID for a file of no known format
 */
export async function readActivities(files: readonly string[], options: ReadOptions): Promise<TapCounters> {
  const counters = tapCounters()
  const onActivity = withReports(options)
  const observer = createSipObserver({
    tap: 'replay',
    identity: options.identity,
    emit: onActivity,
    counters,
    ...(options.sip === undefined ? {} : { options: options.sip }),
  })
  const messages = createMessageObservers({
    name: 'replay',
    site: undefined,
    identity: options.identity,
    emit: onActivity,
    counters,
  })
  const total = files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0)
  const bar = showProgress('reading', total, options.progress)
  let before = 0
  for (const file of files) {
    const sink: RecordingSink = {
      signal(protocol, bytes, start, end, envelope) {
        counters.received++
        if (protocol === 'sip') {
          messages.sip(bytes, start, end)
          observer.observe(bytes, start, end, envelope)
        } else if (protocol === 'smpp' || protocol === 'msrp' || protocol === 'xmpp') {
          messages[protocol].observe(bytes, start, end, envelope)
        } else countDrop(counters, `protocol-${protocol}`)
      },
      activity: onActivity,
      dropped(reason, place) {
        if (!counters.dropped.has(reason)) options.onDropped(file, reason, place)
        countDrop(counters, reason)
      },
    }
    const recording = await openRecording(file)
    await recording.read(sink, {
      identity: options.identity,
      progress: bytes => bar.update(before + bytes, file),
      ...(options.ready === undefined ? {} : { ready: options.ready }),
    })
    before += statSync(file).size
  }
  observer.close()
  for (const each of [messages.smpp, messages.msrp, messages.xmpp]) each.close()
  bar.finish()
  return counters
}

/** Each activity, and after it the report of somebody that it may be: as a live tap gives them. */
function withReports({ feedback, identity, onActivity }: ReadOptions): ReadOptions['onActivity'] {
  if (feedback === undefined) return onActivity
  const reports = createReports(feedback, identity)
  return activity => {
    onActivity(activity)
    const report = reports.read(activity)
    if (report !== undefined) onActivity(report)
  }
}
