import { APPEAL_PREFIX, Control, jsonCodec, topics } from '../activity/index.ts'
import { type EventLog, parkOnce, type RecordBatch, type Subscription } from '../log/index.ts'
import type { Logger } from '../observe/index.ts'
import type { PackHolder, Reload } from '../rules/index.ts'
import { modelSlots, type Scorer } from '../scorer/index.ts'

const codec = jsonCodec(Control)

export interface ControlOptions {
  readonly log: EventLog
  readonly packs: PackHolder
  /** Takes the records that are for models. */
  readonly scorer: Pick<Scorer, 'apply'>
  /** Names this process among all: each one reads the whole control topic. */
  readonly instance: string
  readonly logger: Logger
  /** Told of every reload and its result. */
  readonly onReload: (result: Reload) => void
}

/**
 * Follows the control topic: `list` records set the entries that a list has beside its files, `pack` records load the
 * packs again, `model` records put another model in a model's place. The topic is compacted and read from its beginning at
 * every start, so what was asked for stays in force; a tombstone takes it back. A record that cannot be followed is reported,
 * parked and passed over; the pack and the model in force stay. Requests to load the packs that came while they were being
 * loaded are one: a load takes some 50 ms of the thread that judges and answers, and a hundred of them told one by one
 * kept those who asked waiting for over five seconds.
 */
export function followControl(options: ControlOptions): Promise<Subscription> {
  const { packs, scorer, logger } = options

  async function swap(control: Control): Promise<void> {
    const { name } = control
    const result = await scorer.apply(control)
    if (result.swapped) logger.info({ name, version: result.version }, 'model in force')
    else logger.error({ kind: 'model', name, reason: result.reason }, 'control refused')
  }

  let asked: Control | undefined
  function loadAsked(): void {
    if (asked === undefined) return
    const control = asked
    asked = undefined
    tell(control, packs.reload())
  }

  function tell({ kind, name }: Control, result: Reload): void {
    if (!result.ok) logger.error({ kind, name, reason: result.reason, hint: result.hint }, 'control refused')
    options.onReload(result)
  }

  async function follow(control: Control): Promise<void> {
    if (control.kind === 'model') return swap(control)
    // Appeals are kept on this topic for those who serve them.
    if (control.kind === 'appeal') return
    if (control.kind === 'pack') {
      asked = control
      return
    }
    // The list may be one that the packs asked for before it bring.
    loadAsked()
    tell(control, packs.setEntries(control.name, control.entries ?? []))
  }

  async function batch({ topic, partition, records }: RecordBatch): Promise<void> {
    for (const record of records) {
      const { key, value, offset } = record
      // A tombstone takes back what a list was given.
      if (value === null) {
        if (key === null || key.startsWith(APPEAL_PREFIX)) continue
        if (isModelSlot(key)) await swap({ kind: 'model', name: key, time: 0 })
        else options.onReload(packs.setEntries(key, []))
        continue
      }
      const decoded = codec.decode(value)
      if (decoded.ok) {
        await follow(decoded.value)
        continue
      }
      logger.error({ offset, reason: decoded.reason }, 'control record passed over')
      await parkOnce(options.log, { topic, partition }, record, decoded.reason)
    }
    loadAsked()
  }

  return options.log.subscribe(
    { group: `ringfence-control-${options.instance}`, topics: [topics.control.topic] },
    { assigned: async () => 0, batch, revoked: async () => {} },
  )
}

function isModelSlot(name: string): boolean {
  return (modelSlots as readonly string[]).includes(name)
}
