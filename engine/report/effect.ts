import type { Duck } from '../archive/index.ts'
import type { Inputs } from './inputs.ts'
import type { Study } from './model.ts'
import { product } from './money.ts'
import { totals } from './readout.ts'

/** What spam did to people: calls answered, minutes talked, attention taken, who complained. */
export async function effectOf(duck: Duck, { attention }: Inputs): Promise<Study['effect']> {
  const [row] = await duck.rows<{ calls: number; answered: number; talk: number; messages: number; silent: number }>(
    `SELECT coalesce(sum(n) FILTER (kind = 'call.attempt'), 0) AS calls, coalesce(sum(answered), 0) AS answered,
       coalesce(sum(talk), 0) AS talk, coalesce(sum(n) FILTER (kind = 'message' AND severity < 4), 0) AS messages,
       coalesce(sum(n - answered) FILTER (kind = 'call.attempt' AND severity < 4), 0) AS silent
     FROM effects`,
  )
  const [reached] = await duck.rows<{ n: number }>('SELECT count(DISTINCT target) AS n FROM reached')
  const said = `FROM opinions WHERE opinion = 'spam' AND source NOT IN ('608', 'analyst', 'appeal')`
  const [complaints] = await duck.rows<{ n: number; people: number }>(
    `SELECT count(*) AS n, count(DISTINCT reporter) AS people ${said}`,
  )
  const bySource = await duck.rows<{ source: string; n: number }>(
    `SELECT source, count(*) AS n ${said} GROUP BY source ORDER BY n DESC, source`,
  )
  const { calls, answered, talk, messages, silent } = row!
  const read = product(messages / 60, [attention.messageSeconds])
  const rung = product(silent / 60, [attention.ringSeconds])
  const all = await totals(duck, 'effects')
  return {
    byAction: all,
    calls,
    answered,
    talkMinutes: talk / 60,
    attentionMinutes: {
      low: talk / 60 + read.low + rung.low,
      mid: talk / 60 + read.mid + rung.mid,
      high: talk / 60 + read.high + rung.high,
    },
    reached: reached!.n,
    complaints: complaints!.n,
    complainants: complaints!.people,
    complaintsBySource: bySource,
  }
}

/** What losses are reckoned from. */
export async function lossQuantities(duck: Duck, effect: Study['effect']) {
  const [row] = await duck.rows<{ bypass: number; premium: number }>(
    `SELECT coalesce(sum(talk) FILTER (category = 'bypass'), 0) / 60 AS bypass,
       coalesce(sum(talk) FILTER (category IN ('wangiri', 'pumping')), 0) / 60 AS premium FROM effects`,
  )
  return {
    spamMinutes: effect.talkMinutes,
    bypassMinutes: row!.bypass,
    premiumMinutes: row!.premium,
    complainants: effect.complainants,
    complaints: effect.complaints,
  }
}
