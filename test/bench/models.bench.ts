import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openBackend } from '../../models/backend/index.ts'
import { openScorer } from '../../models/serving/index.ts'
import { createTextJudge, readTextWeights, textWeightsFolder } from '../../models/text/index.ts'

const SAMPLES = [
  'URGENT! You have won a FREE prize of £1000 cash. Call 09061701461 now to claim or visit www.prize-claim.com today',
  'ok see you at home later, shall i buy some milk on the way?',
  'Bugis oso near wat...',
  '验证码 482913,请勿泄露给他人',
  'Приглашаю в закрытую команду, доход от 500$ в неделю, пишите в лс @manager',
  'Selamat! Nomor anda terpilih mendapatkan hadiah 50jt, hubungi 081234567890',
  'คุณได้รับรางวัล คลิก https://bit.ly/3abcd เพื่อรับสิทธิ์วันนี้เท่านั้น',
  'Haha yeah, that was a great evening, we should do it again next week with the others',
]
const BATCHES = [1, 16, 64, 256]
const ROWS = 20_000

/** Rows/s of the text model by back end and batch on one thread, and what models cost the engine's event loop. */
export async function modelsBench(): Promise<Record<string, unknown>> {
  const path = `${textWeightsFolder}model.bin`
  const weights = readTextWeights(path)
  const texts = Array.from({ length: ROWS }, (_, i) => `${SAMPLES[i % SAMPLES.length]} ${i % 97}`)
  const rowsPerSecond: Record<string, number> = {}
  for (const name of ['node', 'wasm', 'cpu'] as const) {
    const backend = await openBackend(name).catch(() => undefined)
    if (backend === undefined) continue
    const judge = createTextJudge(backend.tf, weights)
    for (const batch of BATCHES) {
      judge.score(texts.slice(0, 1024))
      const rows = batch === 1 ? 2_000 : ROWS
      // CPU time, not the clock: what one core of a machine with nothing else to do would give.
      const before = process.cpuUsage()
      for (let at = 0; at < rows; at += batch) judge.score(texts.slice(at, Math.min(rows, at + batch)))
      const spent = process.cpuUsage(before)
      rowsPerSecond[`${name} batch ${batch}`] = Math.round(rows / ((spent.user + spent.system) / 1e6))
    }
    judge.close()
  }
  return {
    model: weights.header.version,
    unit: 'texts per CPU second',
    rowsPerSecond,
    serving: await serving(path, texts),
  }
}

/** Latency of a verdict's score at 2,000 texts a second, and the event loop's delay with models on and off. */
async function serving(path: string, texts: readonly string[]): Promise<Record<string, unknown>> {
  const off = await delayOf(async () => {})
  const scorer = await openScorer({ text: path })
  await scorer.score([{ about: 'text', text: texts[0]! }])
  const on = await delayOf(async i => {
    await scorer.score(texts.slice(i * 20, i * 20 + 20).map(text => ({ about: 'text', text })))
  })
  const { latencyP50Ms, latencyP99Ms, skipped } = scorer.counts()
  await scorer.close()
  return { loopDelayMs: { modelsOff: off, modelsOn: on }, latencyP50Ms, latencyP99Ms, skipped }
}

async function delayOf(work: (i: number) => Promise<void>): Promise<{ p50: number; p99: number }> {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const running: Promise<void>[] = []
  for (let i = 0; i < 300; i++) {
    running.push(work(i))
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  await Promise.all(running)
  delay.disable()
  const ms = (quantile: number) => Number((delay.percentile(quantile) / 1e6).toFixed(2))
  return { p50: ms(50), p99: ms(99) }
}
