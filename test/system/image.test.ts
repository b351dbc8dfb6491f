import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

// No container engine is at hand where the tests run, so the Dockerfile's own steps are taken outside one: its build
// stage in a clean copy of what git tracks, its COPY lines into an empty tree, its ENTRYPOINT as an unprivileged user.
const root = fileURLToPath(new URL('../../../', import.meta.url))
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
const [buildStage = '', imageStage = ''] = dockerfile.split(/^FROM /m).slice(1)
const NOBODY = 65_534

/** Lines of a stage that begin with an instruction, continued lines joined. */
function instructions(stage: string, name: string): string[] {
  return stage
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter(line => line.startsWith(`${name} `))
    .map(line => line.slice(name.length + 1).trim())
}

/** Hard links where the file system allows: node_modules is hundreds of megabytes, and nothing here writes into a file. */
function copyTree(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  if (spawnSync('cp', ['-al', from, to]).status === 0) return
  rmSync(to, { recursive: true, force: true })
  execFileSync('cp', ['-a', from, to])
}

let folder = ''
let app = ''
let state = ''

/** What the ENTRYPOINT runs, with arguments of ours, as somebody who may write to the state folder only. */
function runImage(...args: string[]) {
  const [program = '', ...fixed] = JSON.parse(instructions(imageStage, 'ENTRYPOINT')[0]!) as string[]
  const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  return spawnSync(program === 'node' ? process.execPath : program, [...fixed, ...args], {
    cwd: app,
    encoding: 'utf8',
    timeout: 120_000,
    env: { PATH: process.env.PATH, HOME: state, NODE_ENV: 'production', RINGFENCE_DATA: join(state, 'data') },
    ...asNobody,
  })
}

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-image-'))
  const build = join(folder, 'build')
  app = join(folder, 'app')
  state = join(folder, 'state')
  for (const path of [build, app, state]) mkdirSync(path)
  // The build stage's COPY lines, out of what git tracks.
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean)
  const sources = instructions(buildStage, 'COPY').flatMap(line => line.split(/\s+/).slice(0, -1))
  for (const file of tracked.filter(path => sources.some(source => path === source || path.startsWith(`${source}/`)))) {
    if (!existsSync(join(root, file))) continue
    mkdirSync(dirname(join(build, file)), { recursive: true })
    cpSync(join(root, file), join(build, file))
  }
  // Its RUN lines; `npm ci` is what made our own node_modules, which is copied for want of a network.
  const runs = instructions(buildStage, 'RUN')
  assert.match(runs[0] ?? '', /^npm ci --ignore-scripts/)
  cpSync(realpathSync(join(root, 'node_modules')), join(build, 'node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
  })
  for (const run of runs.slice(1))
    execFileSync('sh', ['-ec', run], { cwd: build, stdio: 'pipe', env: { ...process.env, npm_config_offline: 'true' } })
  // The image stage's COPY lines.
  for (const line of instructions(imageStage, 'COPY').filter(copy => copy.startsWith('--from=build '))) {
    const words = line.split(/\s+/).slice(1)
    const target = words.at(-1)!
    for (const source of words.slice(0, -1)) {
      const from = join(build, source.replace(/^\/build\//, ''))
      copyTree(from, target === './' ? join(app, basename(source)) : join(app, target))
    }
  }
  chmodSync(folder, 0o755)
  chmodSync(state, 0o777)
  if (process.getuid?.() !== 0) execFileSync('chmod', ['-R', 'a-w', app])
})

after(() => {
  if (process.getuid?.() !== 0) execFileSync('chmod', ['-R', 'u+w', app])
  rmSync(folder, { recursive: true, force: true })
})

describe('the container image', () => {
  it('holds production dependencies only', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean }>
    }
    const installed = (path: string) => path !== '' && existsSync(join(app, path))
    const { dependencies } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'))
    const missing = Object.keys(dependencies).filter(name => !installed(`node_modules/${name}`))
    const superfluous = Object.keys(lock.packages).filter(path => lock.packages[path]?.dev === true && installed(path))
    assert.deepEqual({ missing, superfluous }, { missing: [], superfluous: [] })
    assert.ok(!existsSync(join(app, 'dist', 'test')), 'tests are not shipped')
  })

  it('lists what is inside, every production dependency included', () => {
    const { bomFormat, components } = JSON.parse(readFileSync(join(app, 'sbom.cdx.json'), 'utf8')) as {
      bomFormat: string
      components: { group?: string; name: string }[]
    }
    assert.equal(bomFormat, 'CycloneDX')
    const listed = new Set(components.map(({ group, name }) => (group === undefined ? name : `${group}/${name}`)))
    const { dependencies } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'))
    assert.deepEqual(
      Object.keys(dependencies).filter(name => !listed.has(name)),
      [],
    )
  })

  it('takes its base by an argument, which a digest can pin', () => {
    assert.match(dockerfile, /^ARG NODE_IMAGE=node:[\w.-]+$/m)
    for (const from of dockerfile.match(/^FROM .*$/gm) ?? []) assert.match(from, /^FROM \$\{NODE_IMAGE\}/)
  })

  it('cannot be written to by its user', () => {
    const script = "require('node:fs').writeFileSync('dist/x', '')"
    const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
    const { status, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: app, encoding: 'utf8', ...asNobody })
    assert.notEqual(status, 0)
    assert.match(stderr, /EACCES/)
  })

  it('says what it can do', () => {
    const { status, stdout, stderr } = runImage('--help')
    assert.equal(status, 0, stderr)
    assert.match(stdout, /ringfence/)
  })

  it('brings a configuration that is valid', () => {
    const text = /COPY <<'EOF' \/etc\/ringfence\/ringfence\.yaml\n([\s\S]*?)EOF\n/.exec(imageStage)?.[1]
    assert.ok(text !== undefined)
    writeFileSync(join(state, 'ringfence.yaml'), text)
    const { status, stderr } = runImage('check', '--config', join(state, 'ringfence.yaml'))
    assert.equal(status, 0, stderr)
  })

  it('finds the campaigns of the sample', () => {
    const { status, stdout, stderr } = runImage('demo', '--once', '--speed', '60')
    assert.equal(status, 0, `${stdout.slice(-2000)}\n${stderr.slice(-2000)}`)
    assert.match(stdout, /wangiri/)
  })
})
