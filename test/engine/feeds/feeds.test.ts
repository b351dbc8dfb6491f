import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { flattenedVerify, importJWK, type JWK } from 'jose'
import { deltaOf, editionOf, type FeedEntry } from '../../../engine/feeds/edition.ts'
import { createFeeds, feedsDefaults } from '../../../engine/feeds/index.ts'
import { stix } from '../../../engine/feeds/stix.ts'
import { type FeedScene, feedScene, HOUR_MS, NOW_MS } from './scene.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringfence-feeds-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const parties = async (scene: FeedScene): Promise<string[]> => {
  const rendered = await scene.feeds.render('blocklist.json')
  return JSON.parse(rendered?.text ?? '{}').entries.map((entry: { party: string }) => entry.party)
}
const denied = ['+33199000001', '+33199000002', 'spam@evil.example']

describe('the list for the network', () => {
  it('holds whom a decision would block, by standing or by list, in order', async () => {
    const scene = await feedScene()
    scene.standings = [{ party: '+33612345678' }, { party: '+14155550100', action: 'challenge' }]
    assert.deepEqual(await parties(scene), [...denied.slice(0, 2), '+33612345678', 'spam@evil.example'])
    assert.equal(scene.feeds.counters.leftOut.get('too-mild'), 1)
  })
  it('never holds a range, an allowed party or an emergency number, whatever their score', async () => {
    const scene = await feedScene()
    scene.standings = ['+33144000000', '112', '+33112', '+33117'].map(party => ({ party, score: 99 }))
    assert.deepEqual(await parties(scene), denied)
    assert.equal(scene.feeds.counters.leftOut.get('exempt'), 4)
  })
  it('does not hold a number for its neighbours: each stands for itself', async () => {
    const scene = await feedScene()
    scene.standings = Array.from({ length: 99 }, (_, i) => ({ party: `+336123456${String(i).padStart(2, '0')}` }))
    assert.equal((await parties(scene)).includes('+33612345699'), false)
  })
  it('does not hold a number under a shield: it was misused by somebody else', async () => {
    const scene = await feedScene()
    const shield = { action: 'challenge' as const, category: 'callbacks', untilMs: NOW_MS + HOUR_MS }
    scene.standings = [{ party: '+33612345678', shield }]
    assert.deepEqual(await parties(scene), denied)
    scene.nowMs += 2 * HOUR_MS
    assert.ok((await parties(scene)).includes('+33612345678'))
  })
  it('forgets a number of whom nothing was heard for long: it may be somebody else’s by now', async () => {
    const scene = await feedScene({ maxAgeDays: 30 })
    scene.standings = [{ party: '+33612345678', timeMs: NOW_MS - 31 * 24 * HOUR_MS, expiresMs: 0 }]
    assert.deepEqual(await parties(scene), denied)
    assert.equal(scene.feeds.counters.leftOut.get('old'), 1)
  })
  it('keeps the highest scores where it is full', async () => {
    const scene = await feedScene({ maxEntries: 4 })
    scene.standings = [1, 2, 3].map(i => ({ party: `+3361234567${i}`, score: 20 * i }))
    assert.deepEqual(await parties(scene), ['+33199000001', '+33612345671', '+33612345672', '+33612345673'])
    assert.equal(scene.feeds.counters.leftOut.get('too-many'), 2)
  })
  it('is not given out before the view is whole: an empty one would clear everybody', async () => {
    const scene = await feedScene()
    scene.ready = false
    assert.equal(await scene.feeds.render('blocklist.json'), undefined)
  })
})

describe('editions', () => {
  it('stay the same while the list does, and are drawn up again before they end', async () => {
    const scene = await feedScene({ rebuildSeconds: 10, validSeconds: 100 })
    const first = await scene.feeds.render('blocklist.json')
    scene.nowMs += 20_000
    assert.equal((await scene.feeds.render('blocklist.json'))?.etag, first?.etag)
    scene.nowMs += 31_000
    const third = await scene.feeds.render('blocklist.json')
    assert.deepEqual([third?.version, third?.etag === first?.etag], [first?.version, false])
    assert.equal(third?.expiresMs, scene.nowMs + 100_000)
  })
  it('are given as what changed since one that is known, as a whole otherwise', async () => {
    const scene = await feedScene({ rebuildSeconds: 10 })
    scene.standings = [{ party: '+33612345671' }, { party: '+33612345672' }]
    const first = await scene.feeds.render('blocklist.json')
    scene.nowMs += 11_000
    scene.standings = [{ party: '+33612345672', category: 'fraud' }, { party: '+33612345673' }]
    const { since, complete, entries, removed } = JSON.parse(
      (await scene.feeds.render('blocklist.json', first?.version))?.text ?? '',
    )
    assert.deepEqual(
      [since, complete, entries.map((each: { party: string }) => each.party), removed],
      [first?.version, false, ['+33612345672', '+33612345673'], ['+33612345671']],
    )
    const unknown = JSON.parse((await scene.feeds.render('blocklist.json', '0'.repeat(16)))?.text ?? '')
    assert.deepEqual([unknown.complete, unknown.entries.length], [true, 5])
  })
  it('before and delta give after, for any two', () => {
    const entry = fc.record(
      {
        party: fc.integer({ min: 1, max: 30 }).map(i => `+${i}`),
        action: fc.constantFrom('block' as const, 'flag' as const),
        category: fc.constantFrom('a', undefined),
        untilMs: fc.constantFrom(1, 2),
        source: fc.constant('reputation' as const),
      },
      { noNullPrototype: true },
    )
    const entries = fc.uniqueArray(entry, { selector: each => each.party })
    fc.assert(
      fc.property(entries, entries, (a, b) => {
        const [before, after] = [editionOf(a, 0, 1), editionOf(b, 0, 1)]
        const { changed, removed } = deltaOf(before, after)
        const applied = new Map<string, FeedEntry>(before.entries.map(each => [each.party, each]))
        for (const party of removed) assert.ok(applied.delete(party))
        for (const each of changed) applied.set(each.party, each)
        assert.deepEqual(editionOf([...applied.values()], 0, 1), after)
      }),
    )
  })
})

describe('a signature', () => {
  for (const [name, pair] of [
    ['Ed25519', generateKeyPairSync('ed25519')],
    ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ] as const)
    it(`with a key on ${name} is found good with the published key, and not for another text`, async () => {
      const keyFile = join(folder, name)
      writeFileSync(keyFile, pair.privateKey.export({ format: 'pem', type: 'pkcs8' }))
      const { feeds } = await feedScene({ keyFile })
      const rendered = await feeds.render('blocklist.json')
      const [head = '', middle, signature = ''] = rendered?.signature?.split('.') ?? []
      assert.equal(middle, '')
      const key = await importJWK(feeds.keys.keys[0] as JWK)
      const verify = (text: string) =>
        flattenedVerify({ protected: head, payload: Buffer.from(text).toString('base64url'), signature }, key)
      const { protectedHeader } = await verify(rendered?.text ?? '')
      assert.deepEqual(
        [protectedHeader?.iat, protectedHeader?.exp, protectedHeader?.cty],
        [NOW_MS / 1000, NOW_MS / 1000 + 3600, 'blocklist.json'],
      )
      await assert.rejects(verify(`${rendered?.text} `))
      assert.equal('d' in (feeds.keys.keys[0] ?? {}), false)
    })
  it('needs a key of a kind that is known', async () => {
    const rsa = join(folder, 'rsa')
    writeFileSync(
      rsa,
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' }),
    )
    for (const keyFile of ['/nowhere', rsa])
      await assert.rejects(createFeeds({ ...feedsDefaults, keyFile }, {} as never), { code: 'CONFIG_INVALID' })
  })
})

describe('formats', () => {
  const standings = [
    { party: '+33612345678' },
    { party: 'ip:192.0.2.7', category: 'scan' },
    { party: 'ip:2001:db8::1' },
    { party: 'x:y\\z@evil.example' },
  ]
  const render = async (format: Parameters<FeedScene['feeds']['render']>[0], options = {}) => {
    const scene = await feedScene({ lists: [], ...options })
    scene.standings = standings
    return (await scene.feeds.render(format))?.text ?? ''
  }
  it('for htable: number, address and end, separators escaped', async () => {
    const until = (NOW_MS + 5 * HOUR_MS) / 1000
    assert.deepEqual((await render('kamailio-htable')).split('\n'), [
      'id(int,auto) key_name(string) key_type(int) value_type(int) key_value(string) expires(int)',
      `1:+33612345678:0:0:block:${until}`,
      `2:192.0.2.7:0:0:block:${until}`,
      `3:2001\\:db8\\:\\:1:0:0:block:${until}`,
      `4:x\\:y\\\\z@evil.example:0:0:block:${until}`,
      '',
    ])
  })
  it('for secfilter: users and addresses', async () => {
    assert.deepEqual((await render('kamailio-secfilter')).split('\n').slice(1), [
      '1:0:4:+33612345678',
      '2:0:3:192.0.2.7',
      '3:0:3:2001\\:db8\\:\\:1',
      '',
    ])
  })
  it('as a zone: numbers as in ENUM, addresses reversed, others hashed, and nothing written by strangers', async () => {
    const zone = await render('blocklist.zone')
    assert.match(zone, /^8\.7\.6\.5\.4\.3\.2\.1\.6\.3\.3 IN A 127\.0\.0\.5$/m)
    assert.match(zone, /^7\.2\.0\.192\.ip IN A 127\.0\.0\.5$/m)
    assert.match(zone, /^1(\.0){23}\.8\.b\.d\.0\.1\.0\.0\.2\.ip IN A/m)
    assert.match(zone, /^[0-9a-f]{32}\.sip IN A/m)
    assert.match(
      zone,
      new RegExp(`^@ IN SOA localhost\\. hostmaster\\.localhost\\. ${NOW_MS / 1000} 300 60 3600 60$`, 'm'),
    )
    assert.equal(zone.includes('evil'), false)
    const hostile = await feedScene({ lists: [] })
    hostile.standings = [{ party: '+33612345678', category: 'x"\n@ IN NS evil.example.' }]
    const text = (await hostile.feeds.render('blocklist.zone'))?.text ?? ''
    assert.equal(text.includes('\n@ IN NS evil'), false)
  })
  it('as STIX: one identity, indicators with an end, no number', async () => {
    const keyFile = join(folder, 'pseudonyms')
    writeFileSync(keyFile, 'a key that partners share')
    const text = await render('stix.json', { stix: { ...feedsDefaults.stix, mode: 'pseudonym', keyFile } })
    assert.equal(/33612345678|evil\.example/.test(text), false)
    const bundle = JSON.parse(text)
    assert.equal(bundle.type, 'bundle')
    const [identity, ...indicators] = bundle.objects
    assert.equal(identity.type, 'identity')
    assert.equal(indicators.length, 4)
    for (const indicator of indicators) {
      assert.match(indicator.id, /^indicator--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      assert.deepEqual(
        [indicator.spec_version, indicator.pattern_type, indicator.created_by_ref],
        ['2.1', 'stix', identity.id],
      )
      assert.ok(Date.parse(indicator.valid_until) > Date.parse(indicator.valid_from))
    }
    assert.ok(indicators.some((each: { pattern: string }) => each.pattern === "[ipv4-addr:value = '192.0.2.7']"))
    await assert.rejects(feedScene({ stix: { ...feedsDefaults.stix, mode: 'pseudonym', keyFile: '/nowhere' } }), {
      code: 'CONFIG_INVALID',
    })
  })
  it('as STIX prefixes: at least k listed numbers behind each, and none can be told by subtraction', () => {
    const number = fc.integer({ min: 0, max: 9999 }).map(
      i =>
        `+3316${String(i * 7919)
          .padStart(8, '0')
          .slice(0, 8)}`,
    )
    fc.assert(
      fc.property(fc.uniqueArray(number, { maxLength: 200 }), fc.integer({ min: 2, max: 9 }), (numbers, kAnonymity) => {
        const entries = numbers.map(party => ({
          party,
          action: 'block' as const,
          category: undefined,
          untilMs: NOW_MS,
          source: 'reputation' as const,
        }))
        const bundle = stix(editionOf(entries, NOW_MS, 1), {
          identity: 'x',
          mode: 'prefix',
          kAnonymity,
          key: undefined,
        })
        const { objects } = bundle as { objects: { type: string; pattern: string }[] }
        const prefixes = objects
          .filter(each => each.type === 'indicator')
          .map(each => /LIKE '(\+\d*)%'/.exec(each.pattern)?.[1] ?? '')
        for (const prefix of prefixes) {
          assert.ok(prefix.length >= 5)
          assert.ok(numbers.filter(each => each.startsWith(prefix)).length >= kAnonymity, prefix)
          assert.equal(
            prefixes.some(other => other !== prefix && other.startsWith(prefix)),
            false,
          )
        }
      }),
    )
  })
})
