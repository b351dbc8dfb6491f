import { Type } from '@sinclair/typebox'

/** The `metrics` section of the configuration. */
export const metricsSchema = Type.Object(
  {
    listen: Type.String({
      default: '',
      description:
        'HOST:PORT of /metrics, /healthz and /readyz in a process without the serve role; none when empty. With that role they are on serve.listen',
    }),
    tenant: Type.String({
      default: '',
      pattern: '^[A-Za-z0-9._-]{0,64}$',
      description: 'whose traffic this installation judges: a `tenant` label on every series; none when empty',
    }),
  },
  { description: 'What /metrics shows.' },
)
