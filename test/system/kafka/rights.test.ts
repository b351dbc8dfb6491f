import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import kafkajs, { type AclEntry } from 'kafkajs'
import { readDatagrams } from '../../../cli/demo/datagrams.ts'
import { type Topic, topicSpecs, topics } from '../../../engine/activity/index.ts'
import { type EventLog, openKafkaLog } from '../../../engine/log/index.ts'
import { observe, readAll, record } from '../../contract/harness.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-broker.ts'
import { kafkaJars } from '../../support/kafka-jars.ts'
import { type RoleOptions, startRole } from '../../support/kafka-roles.ts'
import { eventually, freeTcpPort } from '../../support/sockets.ts'

/** One operation on one resource that a role needs; a name that ends in * stands for all that begin so. */
interface Right {
  readonly role: string
  readonly resource: 'topic' | 'group'
  readonly name: string
  readonly operation: string
}

const operations: Readonly<Record<string, number>> = {
  Read: kafkajs.AclOperationTypes.READ,
  Write: kafkajs.AclOperationTypes.WRITE,
  Describe: kafkajs.AclOperationTypes.DESCRIBE,
  DescribeConfigs: kafkajs.AclOperationTypes.DESCRIBE_CONFIGS,
}

const rights = rightsOf(fileURLToPath(new URL('../../../../docs/kafka.md', import.meta.url)))
const jars = await kafkaJars()
const sample = fileURLToPath(new URL('../../../../test/data/sample.pcap', import.meta.url))
const topicPrefix = `${randomUUID()}.`
/** Users that lack one right each. */
const lacking = rights.map((right, i) => ({ ...right, user: `${right.role}-${i}` }))
const users = ['admin', 'tap', 'engine', ...lacking.map(({ user }) => user)]

if ('missing' in jars) {
  it('the rights of docs/kafka.md', { skip: jars.missing }, () => {})
} else {
  let cluster: KafkaCluster
  let admin: EventLog
  const as = (username: string, password = 'secret') =>
    openKafkaLog({
      brokers: cluster.brokers,
      topicPrefix,
      partitions: 1,
      createTopics: username === 'admin',
      heartbeatMs: 100,
      sasl: { mechanism: 'plain', username, password },
    })

  before(async () => {
    cluster = await startKafka({
      protocol: 'SASL_PLAINTEXT',
      properties: {
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        // The brokers among themselves are nobody in particular.
        'super.users': 'User:ANONYMOUS;User:admin',
        'listener.name.client.sasl.enabled.mechanisms': 'PLAIN',
        'listener.name.client.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${users
          .map(user => `user_${user}="secret"`)
          .join(' ')};`,
      },
    })
    admin = await as('admin')
    await admin.append(topicSpecs.map(({ topic }) => record(topic, 'k', '{}')))
    await grant(cluster)
  })
  after(async () => {
    await admin.close()
    await cluster.close()
  })

  describe('the rights of docs/kafka.md', { timeout: 180_000 }, () => {
    it('are all that a tap and an engine need', async t => {
      const folder = mkdtempSync(join(tmpdir(), 'ringfence-rights-'))
      t.after(() => rmSync(folder, { recursive: true, force: true }))
      const installation = { folder, brokers: cluster.brokers, topicPrefix, partitions: 1 }
      const passwordFile = join(folder, 'password')
      writeFileSync(passwordFile, 'secret\n')
      const start = (role: RoleOptions['role'], yaml = '') => {
        const login = [`saslMechanism: plain`, `username: ${role}`, `passwordFile: ${passwordFile}`]
        return startRole(t, installation, { role, yaml, kafka: ['createTopics: false', ...login] })
      }
      const port = await freeTcpPort()
      const tap = await start('tap', `taps: [{ name: sbc, type: hep, listen: "tcp://127.0.0.1:${port}" }]`)
      const engine = await start('engine')
      const socket = connect(port, '127.0.0.1')
      t.after(() => socket.destroy())
      for (const { payload } of (await readDatagrams(sample, 9060)).slice(0, 500)) socket.write(payload)
      const failed = () =>
        [tap, engine].map(child => (child.hasEnded() ? child.output().stderr : '')).join('') || undefined
      await eventually('there are verdicts', async () => (await readAll(admin, topics.verdicts.topic, 0)).length > 10, {
        timeoutMs: 60_000,
        failed,
      })
      assert.equal(await engine.stop('SIGTERM', 20_000), 0)
      assert.equal(await tap.stop('SIGTERM', 20_000), 0)
      for (const child of [tap, engine]) assert.doesNotMatch(JSON.stringify(child.output()), /authori[sz]/i)
      assert.ok((await readAll(admin, topics.snapshots.topic, 0)).length > 1, 'the engine has left a snapshot')
    })

    for (const { user, role, resource, name, operation } of lacking) {
      it(`says in one line that ${role} has no ${operation} on ${resource} ${name}`, async () => {
        await assert.rejects(
          attempt(() => as(user), name, operation),
          (error: Error & { code?: string }) => {
            assert.match(error.code ?? '', /^(LOG_UNAVAILABLE|CONFIG_INVALID)$/)
            assert.match(
              error.message,
              name.startsWith('ringfence-') ? /group \S+ringfence-\S+: Not authorized/ : says(name),
            )
            assert.doesNotMatch(error.message, /\n/)
            return true
          },
        )
      })
    }
  })

  /** What names the topic: it cannot be seen, or we may not read or write it. */
  function says(name: string): RegExp {
    if (name.endsWith('*')) return /ringfence\.\S+: is missing|[Nn]ot authorized|authorization/
    // Who has no right at all on a topic is told that there is none.
    return new RegExp(
      `(reading|writing) ${topicPrefix}${name}: (Not authorized|Cluster auth)|${name}: is missing`.replaceAll(
        '.',
        '\\.',
      ),
    )
  }
}

/** Does, as a user that lacks it, what needs the right. */
async function attempt(open: () => Promise<EventLog>, name: string, operation: string): Promise<void> {
  const log = await open()
  try {
    if (operation === 'Write') await log.append([record(name as Topic, 'k', '{}')])
    else if (name.startsWith('ringfence-')) {
      const member = await observe(log, { group: 'ringfence-test', topics: [topics.activity.topic] })
      await member.subscription.ended
    } else for await (const _ of log.read({ topic: name as Topic, partition: 0 }));
  } finally {
    await log.close()
  }
}

/** Everything to the users that bear a role's name, everything but one right to the others. */
async function grant({ brokers }: KafkaCluster): Promise<void> {
  const kafka = new kafkajs.Kafka({
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
    sasl: { mechanism: 'plain', username: 'admin', password: 'secret' },
  })
  const all = [
    ...rights.map(right => entry(right.role, right)),
    ...lacking.flatMap(({ user, role, ...missing }) =>
      rights
        .filter(right => right.role === role)
        .filter(({ name, operation }) => name !== missing.name || operation !== missing.operation)
        .map(right => entry(user, right)),
    ),
  ]
  const admin = kafka.admin()
  await admin.connect()
  try {
    await admin.createAcls({ acl: all })
  } finally {
    await admin.disconnect()
  }
}

function entry(user: string, { resource, name, operation }: Right): AclEntry {
  const prefixed = name.endsWith('*')
  return {
    principal: `User:${user}`,
    host: '*',
    resourceType: resource === 'topic' ? kafkajs.AclResourceTypes.TOPIC : kafkajs.AclResourceTypes.GROUP,
    resourceName: topicPrefix + (prefixed ? name.slice(0, -1) : name),
    resourcePatternType: prefixed ? kafkajs.ResourcePatternTypes.PREFIXED : kafkajs.ResourcePatternTypes.LITERAL,
    operation: operations[operation]!,
    permissionType: kafkajs.AclPermissionTypes.ALLOW,
  }
}

/** The table of rights, a right a role and operation. */
function rightsOf(document: string): readonly Right[] {
  const rows = [
    ...readFileSync(document, 'utf8').matchAll(/^\| ([a-z, ]+) \| (topic|group) `(\S+)` \| ([A-Za-z, ]+) \|$/gm),
  ]
  assert.ok(rows.length > 10, 'docs/kafka.md has a table of rights')
  return rows.flatMap(([, roles, resource, name, granted]) =>
    roles!.split(', ').flatMap(role =>
      granted!.split(', ').map(operation => {
        assert.ok(operation in operations, `${operation} is an operation of Kafka`)
        return { role, resource: resource as Right['resource'], name: name!, operation }
      }),
    ),
  )
}
