import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Appeal, Control, jsonCodec } from '../../../engine/activity/index.ts'
import { openEmbeddedLog } from '../../../engine/log/index.ts'
import { type Watch, watchAlerts } from '../../support/outage.ts'
import { needs } from '../../support/peers.ts'
import type { Child } from '../../support/processes.ts'
import { type RunningPrometheus, startPrometheus } from '../../support/prometheus.ts'
import { type Operator, operatorsShell } from '../../support/runbook.ts'
import { playSample, sendSampleSteadily } from '../../support/sample-sender.ts'
import { startService, untilReady } from '../../support/service-process.ts'
import { eventually, freeTcpPort, freeUdpPort } from '../../support/sockets.ts'

const TOKEN = 'analyst-token-0123456789'
const ROBOCALLER = '+33948123456'
const HOUR_MS = 3_600_000

/** One process with its own log, put through one outage after another; each test leaves it well. */
describe('what goes wrong in one process fires its alert, and ends by its heading', {
  skip: needs('prometheus'),
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-outages-'))
  const data = join(folder, 'data')
  const pack = join(folder, 'pack')
  const config = join(folder, 'ringfence.yaml')
  const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  let [hepPort, httpPort] = [0, 0]
  let child: Child
  let prometheus: RunningPrometheus
  let watch: Watch
  let operator: Operator

  function writePack(text: string): void {
    mkdirSync(join(pack, 'lists'), { recursive: true })
    writeFileSync(join(pack, 'pack.yaml'), text)
  }
  function makeCertificate(days: number): void {
    const args = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=localhost',
    ]
    execFileSync('openssl', [...args, '-days', String(days), '-out', certFile, '-keyout', keyFile], { stdio: 'pipe' })
  }
  async function ask(method: string, path: string, body?: unknown) {
    const answer = await fetch(`http://127.0.0.1:${httpPort}${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`)
    return JSON.parse(text) as { readonly action?: string; readonly items?: readonly Appeal[] }
  }
  async function launch(models: boolean): Promise<void> {
    const token = createHash('sha256').update(TOKEN).digest('hex')
    writeFileSync(
      config,
      `data: ${data}
engine: { packs: ["${pack}"] }
models: { enabled: ${models} }
identity: { defaultCountry: FR }
serve: { listen: "127.0.0.1:${httpPort}", tokens: [{ name: anna, role: analyst, sha256: ${token} }] }
taps:
  - { name: sbc, type: hep, listen: "udp://127.0.0.1:${hepPort}" }
  - { name: remote, type: hep, listen: "tls://127.0.0.1:0", certFile: "${certFile}", keyFile: "${keyFile}" }
`,
    )
    child = startService(config, { urgent: true })
    await untilReady('ringfence run', child, httpPort)
  }
  /** An appeal that was promised an answer an hour ago. */
  async function fileOldAppeal(): Promise<void> {
    const now = Date.now()
    const appeal: Appeal = {
      id: 'old',
      party: 'tel:+33612345678',
      filed: now - 25 * HOUR_MS,
      filedBy: 'anna',
      due: now - HOUR_MS,
      statement: 'we are a surgery',
      state: 'open',
      evidence: { lists: [], verdicts: [] },
    }
    const value = jsonCodec(Control).encode({
      kind: 'appeal',
      name: 'appeal/old',
      by: 'anna',
      time: now,
      version: '1',
      appeal,
    })
    const log = await openEmbeddedLog({ directory: data, partitions: 1 })
    await log.append([{ topic: 'ringfence.control', key: 'appeal/old', value, timeMs: now }])
    await log.close()
  }

  before(async () => {
    ;[hepPort, httpPort] = [await freeUdpPort(), await freeTcpPort()]
    operator = await operatorsShell()
    writePack('name: operator\nversion: 1\n')
    makeCertificate(10)
    await fileOldAppeal()
    await launch(true)
    prometheus = await startPrometheus([`127.0.0.1:${httpPort}`])
    watch = watchAlerts(prometheus)
    // Honest traffic first: a jump needs something to jump from.
    void playSample(hepPort, { who: 'ordinary', speed: 12, fromMs: Date.now() - HOUR_MS }).done
  })

  after(async () => {
    operator?.close()
    await prometheus?.stop()
    await child?.stop('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  it('a certificate that ends soon', async () => {
    const { annotations } = await watch.fires('RingfenceCertificateNearExpiry', { certificate: 'remote' })
    assert.match(annotations.summary ?? '', /ends in (9d|1\dd)/)
    const said = await operator.does('RingfenceCertificateNearExpiry', 'openssl x509', { FILE: certFile })
    assert.match(said, /^notAfter=/)
    makeCertificate(90)
    await watch.ends('RingfenceCertificateNearExpiry')
  })

  it('a pack that is refused', async () => {
    await watch.quiet('RingfenceReloadFailed')
    writePack('name: operator\nversion: 2\nno-such-key: 1\n')
    await watch.fires('RingfenceReloadFailed')
    assert.match(child.output().stdout + child.output().stderr, /packs refused/)
    const refused = await operator.does('RingfenceReloadFailed', 'ringfence check', { DIR: pack }).catch(String)
    assert.match(refused, /no-such-key/)
    // Mend that line; no restart is needed.
    writePack('name: operator\nversion: 3\n')
    await operator.does('RingfenceReloadFailed', 'ringfence check', { DIR: pack })
    await watch.ends('RingfenceReloadFailed')
  })

  it('an appeal that nobody answered in time', async () => {
    await watch.fires('RingfenceAppealsOverdue')
    const { items = [] } = await ask('GET', '/v1/appeals?state=open')
    assert.deepEqual(
      items.map(({ id }) => id),
      ['old'],
    )
    await ask('POST', '/v1/appeals/old/outcome', { state: 'rejected', note: 'it was told why' })
    await watch.ends('RingfenceAppealsOverdue')
  })

  it('attacks of every category in the sample, after traffic that was quiet', async () => {
    await eventually(
      'half a minute of quiet traffic is recorded',
      async () => (await prometheus.query('ringfence:spam_share:ratio5m offset 31s')).length > 0,
      { timeoutMs: 60_000 },
    )
    await watch.quiet('RingfenceAttackUnderWay', 'RingfenceSpamShareJump')
    const attack = playSample(hepPort, { who: 'attackers', speed: 12, fromMs: Date.now() - HOUR_MS / 2 })
    await watch.fires('RingfenceAttackUnderWay')
    await watch.fires('RingfenceSpamShareJump')
    await attack.done
    const fired = await prometheus.query(
      'count by (category) (last_over_time(ALERTS{alertname="RingfenceAttackUnderWay",alertstate="firing"}[5m]))',
    )
    const categories = fired.map(({ metric }) => metric.category)
    for (const category of ['robocall', 'wangiri', 'scan', 'bulk'])
      assert.ok(categories.includes(category), `${category} is not among ${categories}`)
    await watch.ends('RingfenceAttackUnderWay')
    await watch.ends('RingfenceSpamShareJump')
  })

  it('people who speak for somebody whom we hold to be spam', async () => {
    const action = async () => (await ask('POST', '/v1/decide', { from: ROBOCALLER })).action
    assert.notEqual(await action(), 'allow')
    let reporters = 0
    const speaking = setInterval(
      () =>
        void ask('POST', '/v1/feedback', {
          party: ROBOCALLER,
          opinion: 'ham',
          reporter: `+3361234${String(1000 + reporters++)}`,
        }).catch(() => {}),
      300,
    )
    try {
      await watch.fires('RingfenceFalsePositiveWatch')
    } finally {
      clearInterval(speaking)
    }
    const why = await operator.does('RingfenceFalsePositiveWatch', 'ringfence explain', {
      '/etc/ringfence/ringfence.yaml': config,
      PARTY: ROBOCALLER,
    })
    assert.match(why, /robocall/)
    // Put the party on its allow list: it works without a restart.
    writeFileSync(join(pack, 'lists', 'allow.txt'), `${ROBOCALLER}\n`)
    writePack('name: operator\nversion: 4\nlists:\n  allow: { kind: numbers, file: lists/allow.txt, effect: allow }\n')
    await eventually('the party is let through', async () => (await action()) === 'allow', { everyMs: 200 })
    await watch.ends('RingfenceFalsePositiveWatch')
  })

  it('traffic that the models did not learn from, until they are switched off; and the whole process gone', async () => {
    const sender = sendSampleSteadily(hepPort, 60)
    try {
      await watch.fires('RingfenceModelDrift')
    } finally {
      sender.stop()
    }
    await child.stop('SIGKILL')
    await watch.fires('RingfenceRoleMissing', { roles: 'tap+engine+serve' })
    await launch(false)
    await watch.ends('RingfenceModelDrift')
    await watch.ends('RingfenceRoleMissing')
  })
})
