import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { configSchema } from '../../cli/config.ts'
import { loadConfig } from '../../engine/config/index.ts'
import { generatedChartFiles } from '../../helm/generate/index.ts'
import { chartPath, ciFile, ciValues, type Resource, refusal, render } from '../support/helm/chart.ts'
import { readRules } from '../support/helm/rules.ts'
import { findHelmTools, noHelmTools } from '../support/helm/tools.ts'

const found = findHelmTools()
const tools = 'tools' in found ? found.tools : noHelmTools
const skip = 'missing' in found ? found.missing : false
const production = () => render(tools, '-f', ciFile('production'))
const pods = (resources: readonly Resource[]) =>
  resources.filter(({ kind }) => ['Deployment', 'StatefulSet', 'DaemonSet'].includes(kind))

describe('files of the chart that are generated', () => {
  it('are up to date (npm run docs)', () => {
    for (const [file, text] of generatedChartFiles(readFileSync(join(chartPath, 'values.yaml'), 'utf8')))
      assert.ok(
        readFileSync(join(chartPath, file), 'utf8') === text,
        `helm/ringfence/${file} is out of date: npm run docs`,
      )
  })
})

describe('the chart', { skip }, () => {
  for (const name of ciValues) {
    it(`passes helm lint --strict with ci/${name}-values.yaml, by Helm 3 and 4`, () => {
      for (const helm of [tools.helm, tools.helm4]) {
        const args = ['lint', '--strict', chartPath, '--kube-version', '1.34.0', '-f', ciFile(name)]
        const { status, stdout, stderr } = spawnSync(helm, args, { encoding: 'utf8' })
        assert.equal(status, 0, stdout + stderr)
      }
    })

    it(`renders alike by Helm 3 and 4, with ci/${name}-values.yaml`, () => {
      const { text } = render(tools, '-f', ciFile(name))
      assert.equal(render({ helm: tools.helm4 }, '-f', ciFile(name)).text, text)
    })

    it(`renders what Kubernetes and the operators take, with ci/${name}-values.yaml`, () => {
      const { text } = render(tools, '-f', ciFile(name))
      const schemas = `${tools.schemas}/{{.ResourceKind}}{{.KindSuffix}}.json`
      // No published package holds the Grafana operator's definitions; its resource is asserted below.
      const { status, stdout, stderr } = spawnSync(
        tools.kubeconform,
        ['-strict', '-summary', '-skip', 'GrafanaDashboard', '-schema-location', schemas, '-'],
        { input: text, encoding: 'utf8' },
      )
      assert.equal(status, 0, stdout + stderr)
      assert.match(stdout, /Invalid: 0, Errors: 0/)
    })

    it(`gives Ringfence a configuration that it takes, with ci/${name}-values.yaml`, () => {
      const text = render(tools, '-f', ciFile(name)).one('ConfigMap', '-config').data?.['ringfence.yaml'] ?? ''
      assert.doesNotThrow(() => loadConfig(configSchema, { text, file: 'ringfence.yaml' }))
    })

    it(`runs every pod restricted, with ci/${name}-values.yaml`, () => {
      const { resources } = render(tools, '-f', ciFile(name))
      for (const { metadata, spec } of pods(resources)) {
        const pod = spec.template.spec
        assert.equal(pod.automountServiceAccountToken, false, metadata.name)
        assert.equal(pod.securityContext.runAsNonRoot, true)
        assert.equal(pod.securityContext.seccompProfile.type, 'RuntimeDefault')
        for (const container of pod.containers) {
          assert.equal(container.securityContext.readOnlyRootFilesystem, true)
          assert.equal(container.securityContext.allowPrivilegeEscalation, false)
          assert.deepEqual(container.securityContext.capabilities.drop, ['ALL'])
          assert.equal(container.readinessProbe.httpGet.path, '/readyz')
          assert.equal(container.livenessProbe.httpGet.path, '/healthz')
          assert.ok(container.resources.limits.memory !== undefined)
        }
        assert.ok(pod.terminationGracePeriodSeconds >= 60)
        for (const constraint of pod.topologySpreadConstraints)
          assert.deepEqual(constraint.labelSelector.matchLabels, spec.selector.matchLabels)
      }
    })

    it(`selects its own pods with every service and budget, with ci/${name}-values.yaml`, () => {
      const { resources } = render(tools, '-f', ciFile(name))
      const labels = pods(resources).map(({ spec }) => spec.template.metadata.labels as Record<string, string>)
      const selectors = resources.flatMap(({ kind, spec }) => {
        if (kind === 'Service') return [spec.selector]
        if (kind === 'PodDisruptionBudget') return [spec.selector.matchLabels]
        if (kind === 'NetworkPolicy') return [spec.podSelector.matchLabels]
        return []
      }) as Record<string, string>[]
      for (const selector of selectors)
        assert.ok(
          labels.some(of => Object.entries(selector).every(([key, value]) => of[key] === value)),
          JSON.stringify(selector),
        )
    })
  }

  it('runs everything in one pod on a volume by default', () => {
    const chart = render(tools)
    const { spec } = chart.one('StatefulSet')
    assert.equal(spec.replicas, 1)
    assert.deepEqual(spec.template.spec.containers[0].args.slice(-2), ['--roles', 'tap,engine,serve'])
    assert.equal(spec.volumeClaimTemplates[0].spec.resources.requests.storage, '20Gi')
    assert.deepEqual(chart.all('PodDisruptionBudget'), [])
    for (const protocol of ['udp', 'tcp']) {
      const service = chart.one('Service', `-tap-${protocol}`).spec
      assert.equal(service.externalTrafficPolicy, 'Local')
      assert.equal(service.sessionAffinity, 'ClientIP')
      assert.deepEqual(
        service.ports.map(({ port, protocol }: { port: number; protocol: string }) => `${port}/${protocol}`),
        [`9060/${protocol.toUpperCase()}`],
      )
    }
  })

  it('runs roles as components on Kafka, credentials out of Secrets only', () => {
    const chart = production()
    for (const [kind, role] of [
      ['Deployment', 'tap'],
      ['StatefulSet', 'engine'],
      ['StatefulSet', 'serve'],
    ] as const) {
      const { containers, volumes } = chart.one(kind, `-${role}`).spec.template.spec
      assert.deepEqual(containers[0].args.slice(-2), ['--roles', role])
      assert.equal(
        volumes.find(({ name }: { name: string }) => name === 'kafka-sasl').secret.secretName,
        'rel-ringfence',
      )
      assert.match(containers[0].image, /@sha256:0{64}$/)
    }
    assert.deepEqual(chart.all('Secret'), [])
    assert.ok(!/password: /.test(chart.text))
  })

  it('makes topics as the engine would, and a user with rights on them alone', () => {
    const chart = production()
    const partitions = chart.all('KafkaTopic').map(({ spec }) => [spec.topicName, spec.partitions])
    assert.deepEqual(Object.fromEntries(partitions), {
      'ringfence.activity': 16,
      'ringfence.verdicts': 16,
      'ringfence.reputation': 16,
      'ringfence.feedback': 16,
      'ringfence.control': 16,
      'ringfence.snapshots': 16,
      'ringfence.dead-letters': 1,
    })
    assert.equal(chart.one('KafkaTopic', 'snapshots').spec.config['cleanup.policy'], 'compact')
    const { acls } = chart.one('KafkaUser').spec.authorization
    assert.ok(
      acls.every(
        ({ resource }: { resource: { type: string; patternType?: string } }) =>
          resource.type === 'cluster' || resource.patternType === 'prefix',
      ),
    )
  })

  it('leaves the number of replicas to an autoscaler', () => {
    const chart = production()
    assert.equal(chart.one('StatefulSet', '-engine').spec.replicas, undefined)
    assert.equal(chart.one('ScaledObject').spec.triggers[0].metadata.topic, 'ringfence.activity')
    assert.equal(chart.one('Deployment', '-tap').spec.replicas, undefined)
    assert.equal(chart.one('HorizontalPodAutoscaler').spec.scaleTargetRef.name, 'rel-ringfence-tap')
    assert.equal(chart.one('StatefulSet', '-serve').spec.replicas, 3)
  })

  it('keeps the audit trail of serving pods on volumes where it is told to, and says so where not', () => {
    const kept = production().one('StatefulSet', '-serve').spec
    assert.equal(kept.volumeClaimTemplates[0].metadata.name, 'data')
    assert.equal(kept.volumeClaimTemplates[0].spec.storageClassName, 'fast')
    const mount = (spec: typeof kept) =>
      spec.template.spec.containers[0].volumeMounts.find(({ name }: { name: string }) => name === 'data').mountPath
    assert.equal(mount(kept), '/var/lib/ringfence')
    const args = ['-f', ciFile('production'), '--set', 'serve.persistence.enabled=false']
    const loose = render(tools, ...args).one('Deployment', '-serve').spec
    const { volumes } = loose.template.spec
    assert.ok(volumes.find(({ name }: { name: string }) => name === 'data').emptyDir !== undefined)
    assert.equal(mount(loose), '/var/lib/ringfence')
    const scaled = render(tools, ...args, '--set', 'serve.autoscaling.hpa.enabled=true')
    assert.equal(scaled.one('HorizontalPodAutoscaler', '-serve').spec.scaleTargetRef.kind, 'Deployment')
  })

  it('restarts pods for a changed configuration and not for a changed pack', () => {
    const checksums = (...args: string[]) =>
      pods(render(tools, '-f', ciFile('standalone'), ...args).resources).map(
        ({ spec }) => spec.template.metadata.annotations['checksum/config'],
      )
    const before = checksums()
    assert.deepEqual(checksums('--set-string', 'packs.operator.pack\\.yaml=name: other'), before)
    assert.notDeepEqual(checksums('--set', 'config.logging.level=debug'), before)
  })

  it('mounts each pack as a folder of its own', () => {
    const { containers, volumes } = production().one('StatefulSet', '-engine').spec.template.spec
    const mount = containers[0].volumeMounts.find(({ name }: { name: string }) => name === 'pack-operator')
    assert.equal(mount.mountPath, '/etc/ringfence/packs/operator')
    assert.equal(mount.subPath, undefined)
    const { items } = volumes.find(({ name }: { name: string }) => name === 'pack-operator').configMap
    assert.deepEqual(items, [
      { key: 'lists__allow.txt', path: 'lists/allow.txt' },
      { key: 'pack.yaml', path: 'pack.yaml' },
    ])
  })

  it('lets in only whom the network policy names', () => {
    const policy = production().one('NetworkPolicy', '-tap').spec
    assert.deepEqual(policy.policyTypes, ['Ingress', 'Egress'])
    const tap = policy.ingress.find(({ ports }: { ports: { port: number }[] }) =>
      ports.some(({ port }) => port === 9060),
    )
    assert.deepEqual(
      tap.from.map(({ ipBlock }: { ipBlock: { cidr: string } }) => ipBlock.cidr),
      ['192.0.2.0/24', '198.51.100.0/24'],
    )
    const engine = production().one('NetworkPolicy', '-engine').spec
    assert.equal(engine.ingress.length, 1)
  })

  it('brings all rules but the disabled ones, with links to the runbook that was named', () => {
    const groups = production().one('PrometheusRule').spec.groups as ReturnType<typeof readRules>['groups']
    const rules = groups.flatMap(group => group.rules)
    const alerts = (all: typeof rules) => all.flatMap(({ alert }) => alert ?? [])
    const wanted = alerts(readRules().groups.flatMap(group => group.rules))
    assert.deepEqual(
      alerts(rules),
      wanted.filter(alert => alert !== 'RingfenceModelDrift'),
    )
    for (const { alert, labels, annotations } of rules) {
      if (alert === undefined) continue
      assert.equal(labels?.team, 'voice')
      assert.equal(annotations?.runbook_url, `https://wiki.example/ringfence/runbook#${alert.toLowerCase()}`)
    }
  })

  it('brings every dashboard, for the sidecar or for the operator', () => {
    const sidecar = render(tools, '-f', ciFile('standalone')).all('ConfigMap')
    const maps = sidecar.filter(({ metadata }) => metadata.labels?.grafana_dashboard === '1')
    const operator = production().all('GrafanaDashboard')
    assert.ok(maps.length >= 6)
    assert.equal(operator.length, maps.length)
    for (const { data } of maps) for (const json of Object.values(data ?? {})) JSON.parse(json)
    for (const { spec } of operator) {
      assert.ok(!spec.json.includes('ringfence.example'))
      assert.deepEqual(Object.keys(spec), ['instanceSelector', 'folder', 'json'])
      JSON.parse(spec.json)
    }
  })

  it('runs taps alone, on the network of the nodes', () => {
    const chart = render(tools, '-f', ciFile('taps'))
    const { template } = chart.one('DaemonSet').spec
    assert.equal(template.spec.hostNetwork, true)
    assert.equal(template.spec.dnsPolicy, 'ClusterFirstWithHostNet')
    assert.equal(pods(chart.resources).length, 1)
    assert.deepEqual(chart.all('PodDisruptionBudget'), [])
  })

  it('has a test that asks for health, readiness and metrics', () => {
    const { metadata, spec } = render(tools).one('Pod', '-test')
    assert.equal(metadata.annotations?.['helm.sh/hook'], 'test')
    for (const path of ['/healthz', '/readyz', '/metrics']) assert.ok(spec.containers[0].args[0].includes(path))
  })

  it('refuses wrong values with a message that says what to do', () => {
    const distributed = ['--set', 'mode=distributed', '--set', 'kafka.brokers={kafka:9092}']
    for (const [args, message] of [
      [['--set', 'mode=distributed'], /kafka\.brokers: mode distributed needs Kafka: name at least one broker/],
      [
        [
          ...distributed,
          '--set',
          'engine.autoscaling.hpa.enabled=true',
          '--set',
          'engine.autoscaling.keda.enabled=true',
        ],
        /engine\.autoscaling: hpa and keda are both enabled.*switch one off/,
      ],
      [
        [...distributed, '--set', 'tap.kind=DaemonSet', '--set', 'tap.autoscaling.hpa.enabled=true'],
        /a DaemonSet has one pod a node/,
      ],
      [[...distributed, '--set', 'tap.enabled=false,engine.enabled=false,serve.enabled=false'], /nothing would run/],
      [['--set', 'kafka.brokers={kafka:9092}'], /mode standalone keeps its own log.*set mode to distributed/],
      [[...distributed, '--set', 'kafka.sasl.mechanism=plain'], /kafka\.sasl: a mechanism needs username/],
      [[...distributed, '--set', 'kafka.strimzi.user.enabled=true'], /needs the name of its cluster/],
      [
        ['--set', 'monitoring.podMonitor.enabled=true,monitoring.serviceMonitor.enabled=true'],
        /every series would be there twice/,
      ],
      [['--set', 'monitoring.prometheusRule.enabled=true'], /monitoring\.runbookUrl: alerts and dashboards link to/],
      [['--set', 'monitoring.runbookUrl=docs/runbook.md'], /runbookUrl.*does not match pattern/i],
      [['--set', 'enigne.replicas=2'], /additional propert(y|ies) '?enigne'? (is )?not allowed/i],
      [
        ['--set', 'config.engine.maxPartys=5'],
        /config[./]engine.*additional propert(y|ies) '?maxPartys'? (is )?not allowed/i,
      ],
      [['--set', 'config.logging.level=loud'], /config[./]logging[./]level.*must be one of/],
      [['--set', 'config.taps[0].type=hepp,config.taps[0].name=x'], /config[./]taps[./]0[./]type.*must be one of.*hep/],
      [['--set', 'image.digest=latest'], /image[./]digest.*does not match pattern/i],
      [['--set', 'mode=cluster'], /mode.*must be one of.*standalone.*distributed/],
    ] as const)
      for (const helm of [tools.helm, tools.helm4]) assert.match(refusal({ helm }, ...args), message, args.join(' '))
  })

  it('comes with nothing that its package does not need', () => {
    assert.ok(existsSync(join(chartPath, '.helmignore')))
    assert.match(readFileSync(join(chartPath, '.helmignore'), 'utf8'), /^ci\/$/m)
  })
})
