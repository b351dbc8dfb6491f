import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { stringify } from 'yaml'
import { ciFile, render } from '../support/helm/chart.ts'
import { findHelmTools, noHelmTools } from '../support/helm/tools.ts'
import { commandsOf } from '../support/runbook.ts'

const found = findHelmTools()
const tools = 'tools' in found ? found.tools : noHelmTools

// There is no cluster: the programs take a command for what it says, and then find that nobody answers.
describe('what the runbook has an operator type', { skip: 'missing' in found ? found.missing : false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-commands-'))
  const kubeconfig = join(folder, 'config')
  before(() => {
    symlinkSync(tools.helm, join(folder, 'helm'))
    symlinkSync(tools.kubectl, join(folder, 'kubectl'))
    const clusters = [{ name: 'none', cluster: { server: 'http://127.0.0.1:1' } }]
    const contexts = [{ name: 'none', context: { cluster: 'none', user: 'none' } }]
    writeFileSync(
      kubeconfig,
      stringify({ apiVersion: 'v1', kind: 'Config', clusters, contexts, 'current-context': 'none' }),
    )
  })
  after(() => rmSync(folder, { recursive: true }))
  const type = (command: string) =>
    spawnSync('sh', ['-c', command], {
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, KUBECONFIG: kubeconfig, HOME: folder },
    }).stderr

  for (const command of new Set([...commandsOf('kubectl'), ...commandsOf('helm')]))
    it(`is a command: ${command}`, () => {
      assert.match(command, /^(kubectl|helm) -n NS /, 'says the namespace')
      const names = command
        .replaceAll('POD', 'ringfence-engine-0')
        .replace(/\bNS\b/, 'ns')
        .replace(/\bREL\b/, 'rel')
      assert.match(type(names), /connection refused|cluster unreachable/i)
    })

  it('would be noticed when it is none', () => {
    assert.match(type('kubectl -n ns logs ringfence-engine-0 --previos'), /unknown flag/)
    assert.match(type('helm -n ns rolback rel'), /unknown command/)
  })

  it('selects pods by labels, and names files, that the chart gives them', () => {
    const selector = /-l (\S+)=REL/.exec(commandsOf('kubectl').join('\n'))?.[1] ?? ''
    const file = /--config (\S+)/.exec(commandsOf('kubectl').join('\n'))?.[1] ?? ''
    const { resources } = render(tools, '-f', ciFile('production'))
    const workloads = resources.filter(({ kind }) => ['StatefulSet', 'Deployment', 'DaemonSet'].includes(kind))
    assert.ok(workloads.length > 0)
    for (const { metadata, spec } of workloads) {
      assert.ok(metadata.labels?.[selector] !== undefined, metadata.name)
      const { metadata: pod, spec: podSpec } = spec.template
      assert.ok(pod.labels[selector] !== undefined, metadata.name)
      const mounts = podSpec.containers[0].volumeMounts as { mountPath: string }[]
      assert.ok(
        mounts.some(({ mountPath }) => file.startsWith(mountPath)),
        `${metadata.name} has no ${file}`,
      )
    }
  })
})
