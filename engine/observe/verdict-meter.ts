import type { Activity, Verdict } from '../activity/index.ts'
import type { Distribution } from './distribution.ts'
import type { Exposition } from './exposition.ts'
import { createTally } from './tally.ts'
import { createTopTally } from './top-tally.ts'

/** Counts what was judged: by action and category, symbol, class of spam, route and country. */
export interface VerdictMeter {
  /** One verdict that is durable, with the activity it judges. */
  verdict(verdict: Verdict, activity: Pick<Activity, 'route'>): void
}

export interface MeterOptions {
  /** Main country of an origin's calling code; `none` for what is no number. */
  readonly countryOf: (party: string) => string
  readonly now: () => number
}

const LIVE_MS = 600_000
const MAX_LIVE = 4096
const OUTCOMES = ['clear', 'spam']

export function createVerdictMeter(exposition: Exposition, { countryOf, now }: MeterOptions): VerdictMeter {
  const { expose } = exposition
  const score: Distribution = exposition.distribution('ringfence_verdict_score')
  const verdicts = createTally(3, 500)
  const symbols = createTally(2, 1000)
  const shadows = createTally(2, 50)
  const classes = createTally(1, 20)
  const routes = createTopTally({ limit: 20, columns: OUTCOMES })
  const countries = createTopTally({ limit: 20, columns: OUTCOMES })
  const campaigns = new Map<string, number>()
  let withoutModel = 0

  expose('ringfence_verdicts_total', verdicts.samples)
  expose('ringfence_symbol_hits_total', symbols.samples)
  expose('ringfence_shadow_actions_total', shadows.samples)
  expose('ringfence_spam_class_total', classes.samples)
  expose('ringfence_route_verdicts_total', routes.samples)
  expose('ringfence_country_verdicts_total', countries.samples)
  expose('ringfence_verdicts_without_model_total', () => withoutModel)
  expose('ringfence_campaigns_live', () => {
    forget()
    return campaigns.size
  })

  function forget(): void {
    const before = now() - LIVE_MS
    for (const [id, lastMs] of campaigns) if (lastMs < before) campaigns.delete(id)
  }

  return {
    verdict(verdict, { route }) {
      const { action, reasons } = verdict
      verdicts.add(action, verdict.category ?? 'none', verdict.kind)
      score.observe(verdict.score)
      const outcome = action === 'allow' ? 0 : 1
      routes.add(route.trunk ?? route.tap, outcome)
      countries.add(countryOf(verdict.party), outcome)
      if (verdict.modelSkipped === true) withoutModel++
      if (reasons.length === 0) return
      for (const reason of reasons) if (reason.held !== true) symbols.add(reason.symbol, reason.state)
      if (outcome === 1 && verdict.class !== undefined) classes.add(verdict.class)
      if (verdict.shadowAction !== undefined && verdict.shadowAction !== action)
        shadows.add(action, verdict.shadowAction)
      if (verdict.campaign !== undefined && outcome === 1) {
        if (campaigns.size >= MAX_LIVE) forget()
        if (campaigns.size < MAX_LIVE) campaigns.set(verdict.campaign.id, now())
      }
    },
  }
}
