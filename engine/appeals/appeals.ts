import { randomUUID } from 'node:crypto'
import {
  type Appeal,
  type AppealEvidence,
  type AppealOutcome,
  Feedback,
  jsonCodec,
  Reputation,
  topics,
  Verdict,
} from '../activity/index.ts'
import { type Desk, readHistory } from '../desk/index.ts'
import type { EventLog } from '../log/index.ts'
import type { FollowedReputation } from '../reputation/index.ts'
import type { Pack } from '../rules/index.ts'

const verdicts = jsonCodec(Verdict)
const reputations = jsonCodec(Reputation)
const feedbacks = jsonCodec(Feedback)

/** Verdicts that are shown as evidence. */
const EVIDENCE_VERDICTS = 20
const HOUR_MS = 3_600_000
/** Who filed, where the party did so itself; no holder of a token can have this name. */
export const THE_PARTY = 'the party'

export interface AppealsOptions {
  readonly log: EventLog
  readonly desk: Desk
  readonly reputation: FollowedReputation
  readonly pack: () => Pack
  readonly answerHours: number
  readonly now: () => number
}

export interface Filing {
  /** Of an appeal that may be filed once only; made up otherwise. */
  readonly id?: string
  readonly party: string
  readonly statement: string
  readonly contact?: string
  readonly by: string
}

export interface Ruling {
  readonly state: 'upheld' | 'rejected' | 'withdrawn'
  readonly note: string
  readonly by: string
  /** Put the party on the first list whose effect is to allow. */
  readonly allow: boolean
}

export interface Appeals {
  /** Takes an appeal, with what stands against the party at this moment. */
  file(filing: Filing): Promise<Appeal>
  /** What upholding would change, for the audit trail before it is done. */
  corrections(appeal: Appeal, ruling: Ruling): AppealOutcome
  /** Decides an open appeal; upheld, lists and standing are corrected before it is answered. */
  decide(appeal: Appeal, ruling: Ruling): Promise<Appeal>
  isOverdue(appeal: Appeal): boolean
  /** `own`: of the open ones, those that parties filed themselves. */
  counts(): { readonly open: number; readonly overdue: number; readonly own: number }
}

/**
 * Appeals (FCC 47 CFR 64.1200(k)(8) and the like ask for one): a clock runs from filing, the evidence is kept as it was, the
 * outcome is recorded, and when the party was wronged its entries at run time are taken away, its standing is set to allow
 * for all who decide, and the engine hears of it as feedback.
 */
export function createAppeals(options: AppealsOptions): Appeals {
  const { log, desk, reputation, pack, now } = options
  const isOverdue = (appeal: Appeal) => appeal.state === 'open' && appeal.due < now()

  async function evidenceOf(party: string): Promise<AppealEvidence> {
    const record = await reputation.record(party)
    const { items } = await readHistory<Verdict>(log, {
      topic: topics.verdicts.topic,
      key: party,
      limit: EVIDENCE_VERDICTS,
      timeOf: verdict => verdict.time,
      read({ value }) {
        const decoded = value === null ? undefined : verdicts.decode(value)
        return decoded?.ok === true && decoded.value.action !== 'allow' ? decoded.value : undefined
      },
    })
    return {
      ...(record === undefined ? {} : { reputation: record }),
      lists: pack().lists.names.filter(name => pack().lists.has(name, party)),
      verdicts: items.map(({ id, time, kind, score, action, category }) => ({
        id,
        time,
        kind,
        score,
        action,
        ...(category === undefined ? {} : { category }),
      })),
    }
  }

  const condemns = (name: string) => (pack().effects.get(name) ?? 'none') === 'none'
  const holding = (party: string) => pack().lists.names.filter(name => condemns(name) && pack().lists.has(name, party))
  const allowList = () => [...pack().effects].find(([, effect]) => effect === 'allow')?.[0]

  function corrections({ party }: Appeal, { state, note, by, allow }: Ruling): AppealOutcome {
    const none = { removed: [], remaining: [], allowed: false, cleared: false }
    if (state !== 'upheld') return { time: now(), by, note, ...none }
    const removed = holding(party).filter(name => desk.list(name)?.entries.includes(party))
    return {
      time: now(),
      by,
      note,
      removed,
      // A list may name it in a file and at run time: only what is left afterwards tells.
      remaining: holding(party).filter(name => !removed.includes(name)),
      allowed: allow && allowList() !== undefined,
      cleared: true,
    }
  }

  async function correct(party: string, planned: AppealOutcome): Promise<AppealOutcome> {
    for (const name of planned.removed) {
      const entries = desk.list(name)?.entries ?? []
      await desk.setList(
        name,
        entries.filter(entry => entry !== party),
        planned.by,
      )
    }
    const allow = planned.allowed ? allowList() : undefined
    if (allow !== undefined) {
      const entries = desk.list(allow)?.entries ?? []
      if (!entries.includes(party)) await desk.setList(allow, [...entries, party], planned.by)
    }
    await clear(party, planned)
    return planned
  }

  /** For all who decide at once; the engine, which holds the findings, hears of it as feedback. */
  async function clear(party: string, { by, note }: AppealOutcome): Promise<void> {
    const before = await reputation.record(party)
    const timeMs = now()
    const cleared: Reputation = {
      party,
      time: timeMs,
      score: 0,
      action: 'allow',
      reasons: [],
      first: before?.first ?? timeMs,
      last: before?.last ?? timeMs,
      activities: before?.activities ?? 0,
      ...(before?.shield === undefined ? {} : { shield: before.shield }),
      pack: pack().version,
    }
    // As an appeal for the record, as an analyst's word for the engine: it forgives what it holds against the party.
    const said = (['appeal', 'analyst'] as const).map(source =>
      feedbacks.encode({ id: randomUUID(), time: timeMs, party, reporter: by, source, opinion: 'ham', text: note }),
    )
    await log.append([
      ...said.map(value => ({ topic: topics.feedback.topic, key: party, value, timeMs })),
      ...(before === undefined
        ? []
        : [{ topic: topics.reputation.topic, key: party, value: reputations.encode(cleared), timeMs }]),
    ])
  }

  return {
    async file({ id, party, statement, contact, by }) {
      const filed = now()
      const appeal: Appeal = {
        id: id ?? randomUUID(),
        party,
        filed,
        filedBy: by,
        due: filed + options.answerHours * HOUR_MS,
        statement,
        ...(contact === undefined ? {} : { contact }),
        state: 'open',
        evidence: await evidenceOf(party),
      }
      await desk.setAppeal(appeal, by)
      return appeal
    },
    corrections,
    async decide(appeal, ruling) {
      const planned = corrections(appeal, ruling)
      const outcome = ruling.state === 'upheld' ? await correct(appeal.party, planned) : planned
      const decided: Appeal = { ...appeal, state: ruling.state, outcome }
      await desk.setAppeal(decided, ruling.by)
      return decided
    },
    isOverdue,
    counts() {
      let [open, overdue, own] = [0, 0, 0]
      for (const appeal of desk.appeals()) {
        if (appeal.state !== 'open') continue
        open++
        if (isOverdue(appeal)) overdue++
        if (appeal.filedBy === THE_PARTY) own++
      }
      return { open, overdue, own }
    },
  }
}
