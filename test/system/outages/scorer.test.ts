import { describe, it } from 'node:test'
import type { Worker } from 'node:worker_threads'
import { createMetrics, engineCounters, exposeScorer } from '../../../engine/observe/index.ts'
import { serveHttp } from '../../../engine/serve/index.ts'
import { openScorer, shippedModel } from '../../../models/serving/index.ts'
import { watchAlerts } from '../../support/outage.ts'
import { needs } from '../../support/peers.ts'
import { startPrometheus } from '../../support/prometheus.ts'
import { eventually } from '../../support/sockets.ts'

// In this process, because only from inside can a thread be killed.
describe('an outage fires its alert', { skip: needs('prometheus') }, () => {
  it('of a thread that scores', async t => {
    const threads: Worker[] = []
    const taken = (worker: Worker) => threads.push(worker)
    process.on('worker', taken)
    const scorer = await openScorer({ text: shippedModel('text') })
    t.after(async () => {
      process.off('worker', taken)
      await scorer.close()
    })
    const metrics = createMetrics(engineCounters(), 'test')
    exposeScorer(metrics, scorer)
    const http = await serveHttp({ listen: '127.0.0.1:0', metrics, notReady: () => [] })
    t.after(() => http.close())
    const asking = setInterval(() => {
      void scorer.score([{ about: 'text', text: 'You have won a prize, call now' }])
    }, 20)
    t.after(() => clearInterval(asking))
    const prometheus = await startPrometheus([http.url.slice('http://'.length)])
    t.after(() => prometheus.stop())
    const watch = watchAlerts(prometheus)
    await eventually(
      'scores are scraped',
      async () => (await prometheus.query('rate(ringfence_model_scored_total[5s]) > 0')).length > 0,
    )
    await watch.quiet('RingfenceModelFallback')
    // One thread is replaced within a fifth of a second, as it should be: only one that dies again and again is an outage.
    const dying = setInterval(() => void threads.at(-1)?.terminate(), 100)
    t.after(() => clearInterval(dying))
    await watch.fires('RingfenceModelFallback')
    clearInterval(dying)
    await watch.ends('RingfenceModelFallback')
  })
})
