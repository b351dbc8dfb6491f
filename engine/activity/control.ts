import { type Static, Type } from '@sinclair/typebox'
import { Appeal } from './appeal.ts'
import { closed, Milliseconds } from './scalars.ts'

export const Control = Type.Object(
  {
    kind: closed(['pack', 'list', 'model', 'appeal'], 'what is to be changed'),
    name: Type.String(),
    time: Milliseconds('when it was asked'),
    by: Type.Optional(Type.String()),
    entries: Type.Optional(Type.Array(Type.String())),
    path: Type.Optional(Type.String()),
    version: Type.Optional(Type.String()),
    appeal: Type.Optional(Appeal),
  },
  { $id: 'Control' },
)
export type Control = Static<typeof Control>

/** Keys of appeals on the control topic begin with this. */
export const APPEAL_PREFIX = 'appeal/'
