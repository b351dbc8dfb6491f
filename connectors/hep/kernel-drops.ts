import { readFile } from 'node:fs/promises'

const TABLES = ['/proc/net/udp', '/proc/net/udp6']
const POLL_MS = 5000

/**
 * Datagrams that the kernel dropped at sockets bound to `port` because nobody read them in time, from the text of Linux's
 * /proc/net/udp: the last column of every line whose local address ends in the port.
 */
export function dropsIn(table: string, port: number): number {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  let drops = 0
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/)
    if (columns[1]?.endsWith(suffix)) drops += Number(columns.at(-1)) || 0
  }
  return drops
}

/**
 * Asks Linux now and then what it dropped at the ports; elsewhere it never calls. What the tap could not even see is the
 * loss that an operator must know of first.
 * @param dropped called with the datagrams dropped since the last call
 * @returns stops asking, after one last time
 */
export function watchKernelDrops(ports: readonly number[], dropped: (datagrams: number) => void): () => Promise<void> {
  let last = 0
  const ask = async () => {
    const tables = await Promise.all(TABLES.map(path => readFile(path, 'latin1').catch(() => '')))
    let total = 0
    for (const port of ports) for (const table of tables) total += dropsIn(table, port)
    if (total > last) dropped(total - last)
    last = Math.max(last, total)
  }
  const timer = setInterval(ask, POLL_MS)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await ask()
  }
}
