import { isMap, isScalar, type Node, type Pair, parseDocument } from 'yaml'

/** The chart's README.md: what it is, then every value with its default and the comment above it in values.yaml. */
export function chartReadme(valuesYaml: string): string {
  const rows: string[] = []
  const document = parseDocument(valuesYaml)
  if (isMap(document.contents)) describe(document.contents.items as Pair<Node, Node | null>[], '', rows)
  return `# Ringfence on Kubernetes

${introduction}
## Values

Checked against [values.schema.json](values.schema.json); a key that does not exist is refused. This table is generated
from [values.yaml](values.yaml) (\`npm run docs\`).

| key | default | meaning |
|---|---|---|
${rows.join('\n')}
`
}

const introduction = `One chart for both sizes: a single pod with the embedded log, or taps, engine and API as components on Kafka.

\`\`\`sh
helm install ringfence helm/ringfence                                   # one pod, one volume
helm install ringfence helm/ringfence -f helm/ringfence/ci/production-values.yaml   # to start a values file of your own from
helm test ringfence
\`\`\`

- **Taps** are a Deployment behind UDP and TCP Services with \`externalTrafficPolicy: Local\` (the agent's own address stays),
  or a DaemonSet, with \`tap.hostNetwork\` on the node's own network. Ports follow from \`config.taps\`.
- **Engines** are a StatefulSet without volumes: state is in the snapshots topic. They are ready when all their partitions
  are restored, and take a last snapshot before they end, for which they are given time.
- **Packs** are ConfigMaps that a running engine takes within a minute of a change; a pack that does not load is refused,
  the one before stays, and \`RingfenceReloadFailed\` fires. Everything else in the configuration restarts the pods.
- **Pods** run as an unprivileged user with a read-only root, no capabilities and no service account token (Pod Security
  "restricted"). Passwords and keys come from Secrets that exist; none is in the chart's own resources.
- **Autoscaling** of engines is by CPU (HPA) or by the records that wait (KEDA), never both.
- **Monitoring**: PodMonitor or ServiceMonitor, PrometheusRule and Grafana dashboards (sidecar or operator), each of which can
  be switched on alone. [Runbook](../../docs/runbook.md), [metrics](../../docs/metrics.md).
`

function describe(pairs: readonly Pair<Node, Node | null>[], path: string, rows: string[]): void {
  for (const { key, value } of pairs) {
    const name = isScalar(key) ? String(key.value) : ''
    const here = path === '' ? name : `${path}.${name}`
    const comment = (key.commentBefore ?? '').split('\n').map(line => line.trim())
    const begin = comment.findIndex(line => line.startsWith('-- '))
    const meaning = begin < 0 ? '' : comment.slice(begin).join(' ').slice(3).trim()
    if (meaning === '' && isMap(value) && value.items.length > 0)
      describe(value.items as Pair<Node, Node | null>[], here, rows)
    else
      rows.push(`| \`${here}\` | \`${JSON.stringify(value?.toJSON() ?? null).replaceAll('|', '\\|')}\` | ${meaning} |`)
  }
}
