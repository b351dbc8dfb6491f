import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { hep3 } from './hep.ts'
import type { FiringAlert, RunningPrometheus } from './prometheus.ts'
import { eventually } from './sockets.ts'

/** What an alert may take to fire or to end sixty times faster: its window, its waiting time, and plenty for a busy machine. */
const WITHIN_MS = 180_000

/** How a test sees the alerts of a Prometheus through an outage. */
export interface Watch {
  /** @throws AssertionError when one of them fires */
  quiet(...names: readonly string[]): Promise<void>
  /** Waits until the alert fires, and reads it as a person would: labels filled in, no template left, a link. */
  fires(name: string, labels?: Readonly<Record<string, string>>): Promise<FiringAlert>
  /** Waits until it is over. */
  ends(name: string): Promise<void>
}

export function watchAlerts(prometheus: RunningPrometheus): Watch {
  return {
    async quiet(...names) {
      const firing = (await prometheus.alerts()).filter(({ state }) => state === 'firing').map(({ name }) => name)
      assert.deepEqual(
        names.filter(name => firing.includes(name)),
        [],
        'fires before its time',
      )
    },
    async fires(name, labels = {}) {
      const alert = await prometheus.firing(name, WITHIN_MS, labels)
      for (const text of Object.values(alert.annotations))
        assert.ok(!/\{\{|error expanding|<no value>/.test(text), `${name}: ${text}`)
      assert.equal(alert.annotations.runbook_url, `docs/runbook.md#${name.toLowerCase()}`)
      return alert
    },
    async ends(name) {
      await eventually(`${name} ends`, async () => !(await prometheus.alerts()).some(alert => alert.name === name), {
        timeoutMs: WITHIN_MS,
        everyMs: 500,
      })
    },
  }
}

/** Has a process stand still for three fifths of the time, as one does that lacks CPU or collects garbage. */
export function stutter(pid: number): { stop(): void } {
  let turn = 0
  const timer = setInterval(() => {
    process.kill(pid, turn++ % 5 < 3 ? 'SIGSTOP' : 'SIGCONT')
  }, 100)
  return {
    stop() {
      clearInterval(timer)
      process.kill(pid, 'SIGCONT')
    },
  }
}

/** Messages of `length` characters, each from somebody else. 6,000 of 4,000, under both roles, are more than memory (32 MiB) and spill hold. */
export async function flood(hepPort: number, count: number, length: number): Promise<void> {
  const socket = createSocket('udp4')
  const text = 'x'.repeat(length)
  for (let i = 0; i < count; i++) {
    const message = [
      'MESSAGE sip:+14155550100@example.net SIP/2.0',
      `Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKflood${length}-${i}`,
      `From: <sip:+336${String(10_000_000 + i)}@example.net>;tag=a`,
      'To: <sip:+14155550100@example.net>',
      `Call-ID: flood-${length}-${i}`,
      'CSeq: 1 MESSAGE',
      'Max-Forwards: 70',
      'Content-Type: text/plain',
      `Content-Length: ${text.length}`,
      '',
      text,
    ].join('\r\n')
    const packet = hep3(Buffer.from(message), { timeMs: Date.now() })
    await new Promise(resolve => socket.send(packet, hepPort, '127.0.0.1', resolve))
    if (i % 20 === 0) await new Promise(resolve => setTimeout(resolve, 10))
  }
  socket.close()
}
