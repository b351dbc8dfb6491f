import { Type } from '@sinclair/typebox'

/** Problem details (RFC 9457), as every refusal of the API is answered. */
export const ProblemDetails = Type.Object(
  {
    type: Type.String({ description: 'a URI reference that names the kind of problem' }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.Optional(Type.String({ description: 'what is wrong with this request, and what would be right' })),
    instance: Type.Optional(Type.String({ description: 'path of the request' })),
    errors: Type.Optional(
      Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }), {
        description: 'each field that is wrong',
      }),
    ),
  },
  { $id: 'Problem', description: 'Problem details, RFC 9457.' },
)

const titles = {
  400: ['bad-request', 'The request is not valid'],
  401: ['unauthorized', 'A token or client certificate is needed'],
  403: ['forbidden', 'The role may not do this'],
  404: ['not-found', 'There is no such thing'],
  405: ['method-not-allowed', 'The path does not take this method'],
  409: ['conflict', 'It cannot be done as things are'],
  412: ['precondition-failed', 'It has changed since it was read'],
  413: ['too-large', 'The request is too large'],
  415: ['media-type', 'The media type is not taken'],
  422: ['unprocessable', 'The request is understood but cannot be followed'],
  429: ['rate-limited', 'Too many requests'],
  500: ['internal', 'Something went wrong here'],
  503: ['unavailable', 'It cannot be done at the moment'],
} as const satisfies Record<number, readonly [string, string]>

export type ProblemStatus = keyof typeof titles

/** A refusal, as a value that handlers return. */
export interface Problem {
  readonly problem: {
    readonly type: string
    readonly title: string
    readonly status: ProblemStatus
    readonly detail?: string
    readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
  }
  readonly headers?: Readonly<Record<string, string>>
}

export const PROBLEM_TYPE = 'application/problem+json'

/**
 * A refusal with the title that belongs to its status.
 * @param detail what is wrong with this request
 */
export function problem(
  status: ProblemStatus,
  detail?: string,
  more: { readonly errors?: Problem['problem']['errors']; readonly headers?: Readonly<Record<string, string>> } = {},
): Problem {
  const [slug, title] = titles[status]
  return {
    problem: {
      // Relative to the server: docs/api.md explains each under this fragment.
      type: `/v1/problems#${slug}`,
      title,
      status,
      ...(detail === undefined ? {} : { detail }),
      ...(more.errors === undefined ? {} : { errors: more.errors }),
    },
    ...(more.headers === undefined ? {} : { headers: more.headers }),
  }
}

/** The nearest status that has a title: other codes of the HTTP layer count as a bad request or as internal. */
export function problemStatus(status: number): ProblemStatus {
  if (status in titles) return status as ProblemStatus
  return status >= 500 ? 500 : 400
}
