import type { BehaviourEvaluation, ScoredParty } from '../behaviour/index.ts'
import type { ScoredText, TextEvaluation } from '../text/index.ts'
import { type CalibrationBin, calibrationBins, type Figures, type RocPoint, rocPoints } from '../training/index.ts'

const WIDTH = 360
const HEIGHT = 240
const WORST = 20

/** What a page is made of, whichever model was measured. */
interface Page {
  readonly title: string
  readonly threshold: number
  /** Figures by file, or by part; the first column's heading is `part`. */
  readonly parts: readonly (readonly [string, Figures])[]
  readonly part: string
  /** More of the model's own, HTML. */
  readonly more: string
  readonly items: readonly Item[]
  /** Headings of what an item shows before its score. */
  readonly shows: readonly [string, string]
}

interface Item {
  readonly label: 0 | 1
  readonly score: number
  readonly shown: readonly [string, string]
}

/**
 * An evaluation of the text model as one HTML page that needs nothing else: figures by file and by kind, the ROC curve with a
 * logarithmic false-positive axis, the reliability diagram and the worst mistakes. Texts are escaped; they are shown as they
 * are, so the page is as confidential as the data.
 */
export function textReport(evaluation: TextEvaluation, rows: readonly ScoredText[]): string {
  const { model, threshold, files, pooled } = evaluation
  const kinds = Object.entries(pooled.kinds)
    .map(
      ([kind, { rows, calledSpam }]) =>
        `<tr><td>${escaped(kind)}</td><td>${rows}</td><td>${calledSpam.toFixed(4)}</td></tr>`,
    )
    .join('\n')
  return page({
    title: `Text model ${model}`,
    threshold,
    parts: [...Object.entries(files), ['all', pooled]],
    part: 'file',
    more: `<h2>By kind</h2><table><tr><th>kind</th><th>rows</th><th>called spam</th></tr>${kinds}</table>`,
    items: rows.map(row => ({ label: row.label, score: row.score, shown: [row.text.slice(0, 300), row.file] })),
    shows: ['text', 'file'],
  })
}

/** The same for the behaviour model; mistakes are parties, with the features that moved their score. */
export function behaviourReport(evaluation: BehaviourEvaluation, rows: readonly ScoredParty[]): string {
  const { model, threshold, all, heldOut } = evaluation
  return page({
    title: `Behaviour model ${model}`,
    threshold,
    parts:
      heldOut === null
        ? [['all', all]]
        : [
            ['all', all],
            ['the fifth that no training touched', heldOut],
          ],
    part: 'parties',
    more: '',
    items: rows.map(row => ({
      label: row.label,
      score: row.score,
      shown: [
        row.party,
        row
          .reasons()
          .map(({ what, value, weight }) => `${what} = ${value} (${weight > 0 ? '+' : ''}${weight})`)
          .join(', '),
      ],
    })),
    shows: ['party', 'moved by'],
  })
}

function page({ title, threshold, parts, part, more, items, shows }: Page): string {
  const scores = items.map(item => item.score)
  const labels = items.map(item => item.label)
  const figures = parts.map(([name, f]) => {
    const values = [f.auc, f.mcc, f.recall, f.fpr, f.recallAt1pct, f.recallAt0_1pct, f.ece]
    const cells = values.map(value => `<td>${value === null ? '–' : value.toFixed(4)}</td>`).join('')
    return `<tr><td>${escaped(name)}</td><td>${f.rows}</td><td>${f.spam}</td>${cells}</tr>`
  })
  const wrong = (label: 0 | 1) =>
    mistakes(
      items.filter(item => item.label === label).sort((a, b) => (label === 0 ? b.score - a.score : a.score - b.score)),
      shows,
    )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>
<style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;color:#1d2733}table{border-collapse:collapse;width:100%}
th,td{text-align:right;padding:.2rem .6rem;border-bottom:1px solid #d9dfe6}th:first-child,td:first-child,td.text{text-align:left}
td.text{overflow-wrap:anywhere}svg{margin:1rem 2rem 0 0}</style></head><body>
<h1>${escaped(title)}</h1>
<p>Threshold ${threshold}. MCC, recall and false positives are at that threshold.</p>
<table><tr><th>${part}</th><th>rows</th><th>spam</th><th>AUC</th><th>MCC</th><th>recall</th><th>false positives</th><th>recall at 1 %</th><th>at 0.1 %</th><th>ECE</th></tr>
${figures.join('\n')}</table>
${more}<h2>Curves</h2>
${rocChart(rocPoints(scores, labels))}${calibrationChart(calibrationBins(scores, labels))}
<h2>Ham taken for spam</h2>${wrong(0)}
<h2>Spam missed</h2>${wrong(1)}
</body></html>
`
}

/** Recall over false positives, 0.01 % to 100 %, a decade a quarter of the width. */
function rocChart(points: readonly RocPoint[]): string {
  const x = (fpr: number) => (WIDTH * (Math.log10(Math.max(1e-4, fpr)) + 4)) / 4
  const path = points.map(p => `${x(p.fpr).toFixed(1)},${(HEIGHT * (1 - p.recall)).toFixed(1)}`).join(' ')
  const ticks = ['0.01 %', '0.1 %', '1 %', '10 %']
    .map((tick, i) => `<text x="${(WIDTH * i) / 4}" y="${HEIGHT + 16}" font-size="11">${tick}</text>`)
    .join('')
  return chart(
    'Recall by false-positive rate',
    `<polyline points="${path}" fill="none" stroke="#1f6feb" stroke-width="2"/>${ticks}`,
  )
}

/** Observed share of spam (bars) against the predicted one (line). */
function calibrationChart(bins: readonly CalibrationBin[]): string {
  const width = WIDTH / bins.length
  const bars = bins
    .map((bin, i) => {
      const height = HEIGHT * bin.observed
      return `<rect x="${(i * width + 1).toFixed(1)}" y="${(HEIGHT - height).toFixed(1)}" width="${(width - 2).toFixed(1)}" height="${height.toFixed(1)}" fill="#1f6feb"><title>${bin.rows} rows</title></rect>`
    })
    .join('')
  return chart(
    'Observed by predicted share of spam',
    `${bars}<line x1="0" y1="${HEIGHT}" x2="${WIDTH}" y2="0" stroke="#8a949e"/>`,
  )
}

function chart(title: string, body: string): string {
  return `<svg role="img" aria-label="${title}" width="${WIDTH + 20}" height="${HEIGHT + 44}" viewBox="-2 -24 ${WIDTH + 22} ${HEIGHT + 44}"><text y="-10" font-size="13">${title}</text><rect width="${WIDTH}" height="${HEIGHT}" fill="none" stroke="#c3cbd4"/>${body}</svg>`
}

function mistakes(items: readonly Item[], shows: Page['shows']): string {
  const lines = items
    .slice(0, WORST)
    .map(
      ({ shown, score }) =>
        `<tr><td class="text">${escaped(shown[0])}</td><td>${escaped(shown[1])}</td><td>${score.toFixed(3)}</td></tr>`,
    )
  return `<table><tr><th>${shows[0]}</th><th>${shows[1]}</th><th>score</th></tr>${lines.join('\n')}</table>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`)
}
