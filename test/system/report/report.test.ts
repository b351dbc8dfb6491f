import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { openDuck } from '../../../engine/archive/index.ts'
import { labels } from '../../../engine/report/index.ts'
import { simulateCountry } from '../../engine/report/country.ts'
import { archiveOperator, inputsFor, makeReport, packFolder, reviewsOf } from '../../engine/report/support.ts'

const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const skip = existsSync(PROGRAM) ? false : 'needs chromium: apt-get install chromium'
const FROM = '2026-03-09'
const TO = '2026-03-16'
const DEADLINE_MS = 20_000
/** Where whole-page screenshots are kept after the run, for people: dist/artefacts. */
const artefacts = fileURLToPath(new URL('../../../artefacts/', import.meta.url))

/** Sizes that people read it at: a desktop, a narrow window, and the printable width of A4 at 96 dpi. */
const sizes = [
  { name: 'desktop', width: 1280, height: 900, media: 'screen' },
  { name: 'narrow', width: 420, height: 800, media: 'screen' },
  { name: 'print', width: 680, height: 980, media: 'print' },
] as const

describe('the report in a browser', { skip }, () => {
  let root = ''
  let browser: Browser
  const pages = new Map<'en' | 'fr', string>()

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'ringfence-page-'))
    const country = simulateCountry({ seed: 7, firstDay: '2026-03-02', days: 14, ordinaryPerDay: 250 })
    const operator = country.operators[0]!
    const duck = await openDuck({ threads: 1, memoryBytes: 256e6 })
    const store = await archiveOperator(duck, root, { ...operator, feedback: operator.complaints }, 'part-1')
    const options = { from: FROM, to: TO, inputs: inputsFor('Alpha') }
    const first = await makeReport(store, root, options)
    const reviews = reviewsOf(operator, first.folder, Date.parse(TO))
    await archiveOperator(duck, root, { verdicts: [], activities: [], feedback: reviews }, 'part-2')
    duck.close()
    for (const [language, pack] of [
      ['en', 'us'],
      ['fr', 'fr'],
    ] as const) {
      const out = join(root, language)
      await makeReport(store, root, { ...options, packs: [packFolder(pack)], language, out })
      pages.set(language, pathToFileURL(join(out, 'report.html')).href)
    }
    browser = await chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox'], timeout: DEADLINE_MS })
  })
  after(async () => {
    await browser?.close()
    rmSync(root, { recursive: true, force: true })
  })

  async function open(language: 'en' | 'fr', { width, height, media }: (typeof sizes)[number]): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height } })
    page.setDefaultTimeout(DEADLINE_MS)
    await page.emulateMedia({ media })
    // Self-contained: a page that asks for anything else fails.
    await page.route('**/*', route =>
      route.request().url().startsWith('file:') && route.request().resourceType() === 'document'
        ? route.continue()
        : route.abort(),
    )
    await page.goto(pages.get(language)!)
    return page
  }

  for (const language of ['en', 'fr'] as const) {
    for (const size of sizes) {
      it(`fits ${size.name} in ${language}: nothing overflows, every chart has ink`, async () => {
        const page = await open(language, size)
        const overflow = await page.evaluate(OVERFLOW)
        assert.deepEqual(overflow, [])
        const charts = page.locator('svg.chart')
        const count = await charts.count()
        assert.ok(count >= 6, `${count} charts`)
        for (let i = 0; i < count; i++) {
          const box = await charts.nth(i).boundingBox()
          assert.ok(box !== null && box.width > 200 && box.height > 50, `chart ${i}: ${JSON.stringify(box)}`)
          const colours = await inkOf(page, await charts.nth(i).screenshot())
          assert.ok(colours >= 3, `chart ${i} shows ${colours} colours`)
        }
        mkdirSync(artefacts, { recursive: true })
        await page.screenshot({ path: join(artefacts, `report-${language}-${size.name}.png`), fullPage: true })
        await page.close()
      })
    }

    it(`says everything in ${language}: no empty cell, no placeholder, no key`, async () => {
      const page = await open(language, sizes[0])
      const text = (await page.locator('main').textContent()) ?? ''
      assert.doesNotMatch(text, /undefined|NaN|\{\w+\}|\[object/)
      for (const key of Object.keys(labels)) if (key.includes('.')) assert.ok(!text.includes(key), key)
      assert.equal(await page.getAttribute('html', 'lang'), language)
      const empty = await page.evaluate(EMPTY)
      assert.deepEqual(empty, [])
      const [first] = language === 'fr' ? ['Étude du trafic de spam'] : ['Study of spam traffic']
      assert.equal(await page.locator('h1').textContent(), first)
      assert.equal(await page.locator('section').count(), 11)
      await page.close()
    })
  }

  it('prints as several pages of A4', async () => {
    const page = await open('fr', sizes[2])
    const pdf = await page.pdf({ format: 'A4', preferCSSPageSize: true })
    const count = pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g)?.length ?? 0
    assert.ok(count >= 4 && count <= 30, `${count} pages`)
    await page.close()
  })
})

/** Elements that stick out of the page or hold text wider than themselves. */
const OVERFLOW = `(() => {
  const wide = document.documentElement.clientWidth
  const out = []
  for (const node of document.querySelectorAll('body *')) {
    if (node.closest('svg') !== null) continue
    // A telephone may scroll a table; a desktop and paper may not.
    if (wide < 500 && node.closest('.wide') !== null) continue
    const box = node.getBoundingClientRect()
    if (box.right > wide + 1 || box.left < -1) out.push(node.tagName + ' ' + node.textContent.slice(0, 40) + ' ' + Math.round(box.right) + ' > ' + wide)
    else if (node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).display !== 'inline') out.push(node.tagName + ' holds ' + node.textContent.slice(0, 40))
  }
  for (const svg of document.querySelectorAll('svg.chart')) {
    const frame = svg.getBoundingClientRect()
    for (const text of svg.querySelectorAll('text')) {
      const box = text.getBoundingClientRect()
      if (box.left < frame.left - 1 || box.right > frame.right + 1) out.push('text ' + text.textContent)
    }
  }
  return out.slice(0, 5)
})()`

/** Headings, figures and cells of texts without content; a first header cell may be empty. */
const EMPTY = `(() => [...document.querySelectorAll('h1,h2,h3,p,dt,dd,figcaption,b,.label,li')]
  .filter(node => node.textContent.trim() === '').map(node => node.outerHTML.slice(0, 60)))()`

/** Distinct colours of a picture, counted by the browser itself: an empty chart has one or two. */
async function inkOf(page: Page, png: Buffer): Promise<number> {
  return page.evaluate(`(async () => {
    const bitmap = await createImageBitmap(await (await fetch('data:image/png;base64,${png.toString('base64')}')).blob())
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
    const context = canvas.getContext('2d')
    context.drawImage(bitmap, 0, 0)
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height)
    const colours = new Map()
    for (let i = 0; i < data.length; i += 4) {
      const key = (data[i] >> 4) * 256 + (data[i + 1] >> 4) * 16 + (data[i + 2] >> 4)
      colours.set(key, (colours.get(key) ?? 0) + 1)
    }
    return [...colours.values()].filter(n => n > 30).length
  })()`)
}
