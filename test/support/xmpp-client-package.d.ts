declare module '@xmpp/client' {
  import type { EventEmitter } from 'node:events'

  export interface Element {
    readonly name: string
    readonly attrs: Readonly<Record<string, string>>
    getChild(name: string, namespace?: string): Element | undefined
  }
  export interface Client extends EventEmitter {
    start(): Promise<unknown>
    stop(): Promise<unknown>
    send(stanza: Element): Promise<void>
    readonly iqCaller: { request(stanza: Element, timeoutMs?: number): Promise<Element> }
  }
  export function client(options: {
    readonly service: string
    readonly domain: string
    readonly username: string
    readonly password: string
  }): Client
  export function xml(
    name: string,
    attributes?: Readonly<Record<string, string>>,
    ...children: (Element | string)[]
  ): Element
}
