import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'
import type { HelmTools } from './tools.ts'

export const chartPath = fileURLToPath(new URL('../../../../helm/ringfence', import.meta.url))
export const ciValues = ['standalone', 'production', 'taps'] as const
export const ciFile = (name: (typeof ciValues)[number]) => `${chartPath}/ci/${name}-values.yaml`

/** A rendered Kubernetes resource, as far as tests look into it. */
export interface Resource {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  // biome-ignore lint/suspicious/noExplicitAny: every kind has a shape of its own; kubeconform checks them.
  readonly spec?: any
  readonly data?: Readonly<Record<string, string>>
}

export interface Rendered {
  readonly text: string
  readonly resources: readonly Resource[]
  /** The only resource of a kind whose name ends so. */
  one(kind: string, ending?: string): Resource
  all(kind: string): readonly Resource[]
}

/** `helm template` for a version of Kubernetes whose schemas there are. */
function helmTemplate(helm: string, args: readonly string[]) {
  const common = ['template', 'rel', chartPath, '--namespace', 'spam', '--kube-version', '1.34.0']
  return spawnSync(helm, [...common, ...args], { encoding: 'utf8', maxBuffer: 1 << 26 })
}

/** Renders the chart. @throws Error with what helm says */
export function render({ helm }: Pick<HelmTools, 'helm'>, ...args: readonly string[]): Rendered {
  const { status, stdout, stderr } = helmTemplate(helm, args)
  if (status !== 0) throw new Error(stderr)
  const resources = parseAllDocuments(stdout).flatMap(document => (document.toJS() as Resource | null) ?? [])
  const all = (kind: string) => resources.filter(resource => resource.kind === kind)
  return {
    text: stdout,
    resources,
    all,
    one(kind, ending = '') {
      const found = all(kind).filter(({ metadata }) => metadata.name.endsWith(ending))
      if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} ${kind} end in '${ending}'`)
      return found[0]
    },
  }
}

/** What helm says when it refuses these values; empty when it takes them. */
export function refusal({ helm }: Pick<HelmTools, 'helm'>, ...args: readonly string[]): string {
  const { status, stderr } = helmTemplate(helm, args)
  return status === 0 ? '' : stderr
}
