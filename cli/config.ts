import { readFileSync } from 'node:fs'
import { type Static, Type } from '@sinclair/typebox'
import { redirectSchema } from '../connectors/redirect/index.ts'
import { connectors } from '../connectors/registry.ts'
import { sipSchema } from '../connectors/sip/index.ts'
import { closed } from '../engine/activity/index.ts'
import { archiveSchema } from '../engine/archive/index.ts'
import { documentConfig, loadConfig, variants } from '../engine/config/index.ts'
import { messageOf, RingfenceError } from '../engine/errors/index.ts'
import { feedbackSchema } from '../engine/feedback/index.ts'
import { feedsSchema } from '../engine/feeds/index.ts'
import { identitySchema } from '../engine/identity/index.ts'
import { metricsSchema, tracingSchema } from '../engine/observe/index.ts'
import { passportSchema } from '../engine/passport/index.ts'
import { studySchema } from '../engine/report/index.ts'
import { serveSchema } from '../engine/serve/index.ts'
import { modelsSchema } from '../models/serving/index.ts'
import { logSchema } from './log.ts'

const tapCommon = {
  name: Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$', description: 'unique name; a label of the metrics' }),
  site: Type.Optional(Type.String({ maxLength: 64, description: 'where it stands; part of every route' })),
  tenant: Type.Optional(
    Type.String({ maxLength: 64, description: 'whose traffic it sees; part of every route, for rules with a scope' }),
  ),
}

/** What every tap's configuration has; the rest is for its connector. */
export interface TapOptions {
  readonly name: string
  readonly type: string
  readonly site?: string
  readonly tenant?: string
}

/** Every kind of tap, told apart by `type`. */
const tapSchema = variants(
  'type',
  connectors.map(({ type, schema }) =>
    Type.Composite([Type.Object({ type: Type.Literal(type), ...tapCommon }), schema]),
  ),
)

/** The whole configuration (DESIGN §9): this schema validates it, documents it and gives the chart its values schema. */
export const configSchema = Type.Object(
  {
    data: Type.String({ default: './data', description: 'folder of the embedded event log' }),
    taps: Type.Array(Type.Unsafe<TapOptions>(tapSchema), { default: [], description: 'what to listen to' }),
    identity: identitySchema,
    passport: passportSchema,
    feedback: feedbackSchema,
    feeds: feedsSchema,
    sip: sipSchema,
    log: logSchema,
    archive: archiveSchema,
    study: studySchema,
    engine: Type.Object(
      {
        packs: Type.Array(Type.String(), {
          default: [],
          description: 'pack folders laid over the default pack, in order: jurisdiction, operator',
        }),
        maxParties: Type.Integer({
          default: 1_000_000,
          minimum: 1_000,
          maximum: 16_000_000,
          description: 'parties a partition holds, 400 bytes each; the one idle longest is let go first',
        }),
        verdicts: closed(
          ['all', 'found'],
          'all: every call attempt and message gets a verdict; found: only where something was found',
          'all',
        ),
        snapshotSeconds: Type.Integer({
          default: 30,
          minimum: 1,
          maximum: 3600,
          description: 'time between snapshots of a partition',
        }),
      },
      { description: 'State, rules and verdicts.' },
    ),
    models: modelsSchema,
    serve: serveSchema,
    redirect: redirectSchema,
    metrics: metricsSchema,
    tracing: tracingSchema,
    logging: Type.Object(
      { level: closed(['debug', 'info', 'warn', 'error', 'silent'], 'least serious level that is written', 'info') },
      { description: 'Structured log lines on standard error; party numbers never appear in them.' },
    ),
  },
  { title: 'Ringfence configuration' },
)

export type Config = Static<typeof configSchema>

/**
 * Configuration of a process: the file, then `RINGFENCE_…` variables, then defaults. Without a file (and without
 * RINGFENCE_CONFIG) the defaults alone.
 * @throws RingfenceError INPUT_UNREADABLE, CONFIG_INVALID
 */
export function readConfig(file: string | undefined, environment = process.env): Config {
  const path = file ?? environment.RINGFENCE_CONFIG
  const config = loadConfig(configSchema, {
    text: path === undefined ? '' : readText(path),
    file: path ?? 'defaults',
    environment,
  })
  const names = config.taps.map(tap => tap.name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new RingfenceError('CONFIG_INVALID', `${path}: taps: two taps are named '${twice}'`)
  return config
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new RingfenceError('INPUT_UNREADABLE', `cannot read the configuration: ${messageOf(error)}`, {
      hint: '--config FILE, or RINGFENCE_CONFIG in the environment',
      cause: error,
    })
  }
}

/** docs/configuration.md: every key with its default, meaning and environment variable. */
export function configDocument(): string {
  return `# Configuration

One YAML file, given by \`--config FILE\` or RINGFENCE_CONFIG; every key has a default, so an empty file is a valid one. An
environment variable overrides the key it names. A key that does not exist is refused with the nearest that does;
\`ringfence check --config FILE\` lists every mistake with its line. This page is generated from the schema that validates
(\`npm run docs\`).

${documentConfig(configSchema)}`
}
