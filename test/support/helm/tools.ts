import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { writeCustomResourceSchemas, writeKubernetesSchemas } from './schemas.ts'

const run = promisify(execFile)

/** What checks the chart, each built or fetched once by its own package manager into ~/.cache/ringfence/helm. */
const versions = {
  helm: 'helm.sh/helm/v3/cmd/helm@v3.19.0',
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0',
  /** PyPI package that carries Kubernetes' own schemas, and the Kubernetes version that is checked against. */
  kubernetesValidate: '1.37.0',
  kubernetes: '1.34.0',
  prometheusOperator: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
  keda: 'github.com/kedacore/keda/v2@v2.17.2',
} as const

export interface HelmTools {
  readonly helm: string
  readonly kubeconform: string
  /** Folder of JSON Schemas: `KIND-GROUP-VERSION.json`. */
  readonly schemas: string
}

const cache = join(homedir(), '.cache', 'ringfence', 'helm')
const tools: HelmTools = {
  helm: join(cache, 'bin', 'helm'),
  kubeconform: join(cache, 'bin', 'kubeconform'),
  schemas: join(cache, `schemas-${versions.kubernetes}`),
}

/** The tools where they are all at hand, else the reason to skip. */
export function findHelmTools(): { readonly tools: HelmTools } | { readonly missing: string } {
  const missing = Object.entries(tools).filter(([, path]) => !existsSync(path))
  if (missing.length === 0) return { tools }
  return { missing: `needs ${missing.map(([name]) => name).join(', ')}: node dist/test/support/helm/install.js` }
}

/**
 * Builds helm and kubeconform with Go and gathers the schemas. Takes some ten minutes of one core the first time.
 * @throws Error of the package manager that failed
 */
export async function installHelmTools(say: (line: string) => void): Promise<void> {
  mkdirSync(join(cache, 'bin'), { recursive: true })
  if (!existsSync(tools.schemas)) {
    say('gathering schemas of Kubernetes and custom resources')
    await gatherSchemas()
  }
  for (const name of ['kubeconform', 'helm'] as const) {
    if (existsSync(tools[name])) continue
    say(`building ${versions[name]}`)
    const env = { ...process.env, GOBIN: join(cache, 'bin'), GOFLAGS: '-buildvcs=false' }
    await run('go', ['install', versions[name]], { env, timeout: 3_000_000, maxBuffer: 1 << 26 })
  }
}

async function gatherSchemas(): Promise<void> {
  const partial = `${tools.schemas}.${process.pid}`
  const downloads = join(partial, 'downloads')
  mkdirSync(downloads, { recursive: true })
  try {
    const wheel = `kubernetes-validate==${versions.kubernetesValidate}`
    const python = await pythonWithPip()
    await run(python, ['-m', 'pip', 'download', '-q', '--no-deps', '-d', downloads, wheel])
    await run('sh', ['-c', `cd ${downloads} && ${python} -m zipfile -e kubernetes_validate-*.whl .`])
    writeKubernetesSchemas(
      join(downloads, 'kubernetes_validate', 'kubernetes-json-schema', `v${versions.kubernetes}-local-strict`),
      partial,
    )
    const operator = await goModule(versions.prometheusOperator)
    writeCustomResourceSchemas(join(operator, 'example', 'prometheus-operator-crd'), partial)
    writeCustomResourceSchemas(join(await goModule(versions.keda), 'config', 'crd', 'bases'), partial)
    await strimziResources(downloads)
    writeCustomResourceSchemas(join(downloads, 'strimzi'), partial)
    rmSync(downloads, { recursive: true })
    renameSync(partial, tools.schemas)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
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
async function strimziResources(downloads: string): Promise<void> {
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
}
