import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { render } from '../support/helm/chart.ts'
import { findHelmTools } from '../support/helm/tools.ts'
import { startChild } from '../support/processes.ts'
import { startRingfence } from '../support/ringfence.ts'
import { freeTcpPort, freeUdpPort } from '../support/sockets.ts'

const found = findHelmTools()

describe('what `helm test` runs', { skip: 'missing' in found ? found.missing : false }, () => {
  it('succeeds beside a service that is ready, and fails where none answers', async t => {
    assert.ok('tools' in found)
    const [container] = render(found.tools).one('Pod', '-test').spec.containers
    const [node, ...options] = container.command as string[]
    assert.equal(node, 'node')
    const service = /'(http:\/\/[^']+:9464)'/.exec(container.args[0])?.[1]
    assert.ok(service !== undefined, container.args[0])

    const folder = mkdtempSync(join(tmpdir(), 'ringfence-hook-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const [hepPort, httpPort] = [await freeUdpPort(), await freeTcpPort()]
    const hook = async () => {
      const script = container.args[0].replace(service, `http://127.0.0.1:${httpPort}`)
      const child = startChild(process.execPath, [...options, script])
      t.after(() => child.stop('SIGKILL'))
      return { code: await child.ended, said: child.output().stdout.trim().split('\n') }
    }
    const ringfence = await startRingfence({ folder, hepPort, httpPort })
    t.after(() => ringfence.kill())
    const base = `http://127.0.0.1:${httpPort}`
    assert.deepEqual(await hook(), {
      code: 0,
      said: [`${base}/healthz: 200`, `${base}/readyz: 200`, `${base}/metrics: 200`],
    })
    await ringfence.kill()
    assert.equal((await hook()).code, 1)
  })
})
