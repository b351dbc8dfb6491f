import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createVerifier,
  type PassportOptions,
  passportDefaults,
  type Verification,
  type Verifier,
  type VerifierEnvironment,
  type VerifyRequest,
} from '../../../engine/passport/index.ts'
import { type Issued, identityOf, issue, sign } from '../../support/stir.ts'
import { testCertificate, testKey } from '../../support/tls.ts'

export const ALICE = '+33123456789'
export const BOB = '+14155550100'
export const CAROL = '+14155550111'
export const ORIGID = '123e4567-e89b-12d3-a456-426655440000'

/** A repository of certificates on this machine, a root, an intermediate and an operator's certificate below them. */
export interface World {
  readonly root: Issued
  readonly middle: Issued
  readonly operator: Issued
  /** Publishes a file; gives its address. */
  publish(content: string | Uint8Array, headers?: Readonly<Record<string, string>>): string
  /** Answers at `path` by hand. */
  readonly server: Server
  readonly port: number
  /** How often the repository was asked. */
  asked(): number
  file(content: string | Uint8Array): string
  verifier(options?: Partial<PassportOptions>, environment?: VerifierEnvironment): Verifier
  close(): Promise<void>
}

export async function createWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-passport-'))
  const files = new Map<string, { content: string | Uint8Array; headers: Readonly<Record<string, string>> }>()
  let requests = 0
  let written = 0
  const server = createServer({ key: testKey, cert: testCertificate }, (request, response) => {
    requests++
    const found = files.get(request.url ?? '')
    if (found === undefined) response.writeHead(404).end()
    else response.writeHead(found.headers.location === undefined ? 200 : 302, found.headers).end(found.content)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const root = await issue({ name: 'Root', isAuthority: true })
  const middle = await issue({ name: 'Intermediate', isAuthority: true, issuer: root, pathLength: 0 })
  const operator = await issue({ name: 'SHAKEN 1234', issuer: middle, providers: ['1234'] })
  const file = (content: string | Uint8Array): string => {
    const path = join(folder, `file-${written++}`)
    writeFileSync(path, content)
    return path
  }
  const rootFile = file(root.pem)
  const verifiers: Verifier[] = []
  return {
    root,
    middle,
    operator,
    server,
    port,
    asked: () => requests,
    file,
    publish(content, headers = {}) {
      const path = `/${written++}.pem`
      files.set(path, { content, headers })
      return `https://localhost:${port}${path}`
    },
    verifier(options = {}, environment = {}) {
      const made = createVerifier(
        {
          ...passportDefaults,
          anchors: [rootFile],
          hosts: ['localhost'],
          ports: [port],
          privateNetworks: ['127.0.0.1', '::1'],
          deadlineMs: 10_000,
          ...options,
        },
        { ca: [testCertificate], resolve: async () => [{ address: '127.0.0.1', family: 4 }], ...environment },
      )
      verifiers.push(made)
      return made
    },
    async close() {
      for (const verifier of verifiers) verifier.close()
      await new Promise(resolve => {
        server.close(resolve)
        server.closeAllConnections()
      })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export interface Call {
  readonly by?: Issued
  readonly keys?: Issued['keys']
  /** Certificates that the repository gives; leaf and intermediate by default. */
  readonly chain?: readonly Issued[]
  readonly x5u?: string
  readonly extension?: string
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
}

export const NOW_MS = Date.now()
export const request = (more: Partial<VerifyRequest> = {}): VerifyRequest => ({
  orig: ALICE,
  dest: BOB,
  nowMs: NOW_MS,
  ...more,
})

/** The Identity header of a call from Alice to Bob, signed by the world's operator a second ago. */
export async function identity(world: World, call: Call = {}): Promise<string> {
  const by = call.by ?? world.operator
  const x5u = call.x5u ?? world.publish((call.chain ?? [by, world.middle]).map(each => each.pem).join(''))
  const extension = call.extension ?? 'shaken'
  const token = await sign({
    keys: call.keys ?? by.keys,
    x5u,
    extension,
    claims: {
      attest: 'A',
      dest: { tn: ['14155550100'] },
      iat: Math.floor(NOW_MS / 1000) - 1,
      orig: { tn: '33123456789' },
      origid: ORIGID,
      ...call.claims,
    },
    ...(call.header === undefined ? {} : { header: call.header }),
  })
  return identityOf(token, x5u, extension)
}

/** The reason when it failed, else what became of it. */
export function reasonOf(verification: Verification): string {
  return verification.status === 'failed' ? verification.reason : verification.status
}
