/** Last URI of a path: the endpoint itself, behind all relays (RFC 4976 §4). undefined for what is no path. */
export function endpointOf(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  const uris = path.trim().split(/\s+/)
  return sessionKey(uris[uris.length - 1]!)
}

/**
 * A URI in the form that RFC 4975 §6.1 compares: scheme and host in lower case, default port given, session id as it is,
 * parameters other than the transport and user information left away. undefined for what is no MSRP URI.
 */
export function sessionKey(uri: string): string | undefined {
  const match = /^(msrps?):\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/;]+)(?::(\d{1,5}))?\/([^;]+)(?:;(.*))?$/i.exec(uri)
  if (match === null || uri.length > 1024) return undefined
  const [, scheme, host, port, session, transport] = match
  const way = (transport ?? 'tcp').split(';', 1)[0]!.toLowerCase()
  return `${scheme!.toLowerCase()} ${host!.toLowerCase()} ${port ?? '2855'} ${session!} ${way}`
}
