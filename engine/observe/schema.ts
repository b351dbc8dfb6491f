import { Type } from '@sinclair/typebox'

/** The `metrics` section of the configuration. */
export const metricsSchema = Type.Object(
  {
    tenant: Type.String({
      default: '',
      pattern: '^[A-Za-z0-9._-]{0,64}$',
      description: 'whose traffic this installation judges: a `tenant` label on every series; none when empty',
    }),
  },
  { description: 'What /metrics shows.' },
)
