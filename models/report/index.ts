import type { ScoredText, TextEvaluation } from '../text/index.ts'
import { type CalibrationBin, calibrationBins, type RocPoint, rocPoints } from '../training/index.ts'

const WIDTH = 360
const HEIGHT = 240
const WORST = 20

/**
 * An evaluation as one HTML page that needs nothing else: figures by file, the ROC curve with a logarithmic false-positive
 * axis, the reliability diagram and the worst mistakes. Texts are escaped; they are shown as they are, so the page is as
 * confidential as the data.
 */
export function textReport(evaluation: TextEvaluation, rows: readonly ScoredText[]): string {
  const scores = rows.map(row => row.score)
  const labels = rows.map(row => row.label)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Text model ${escaped(evaluation.model)}</title>
<style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;color:#1d2733}table{border-collapse:collapse;width:100%}
th,td{text-align:right;padding:.2rem .6rem;border-bottom:1px solid #d9dfe6}th:first-child,td:first-child,td.text{text-align:left}
td.text{overflow-wrap:anywhere}svg{margin:1rem 2rem 0 0}</style></head><body>
<h1>Text model ${escaped(evaluation.model)}</h1>
<p>Threshold ${evaluation.threshold}. Recall and false positives are at that threshold.</p>
<table><tr><th>file</th><th>rows</th><th>spam</th><th>AUC</th><th>MCC</th><th>recall</th><th>false positives</th><th>recall at 1 %</th><th>at 0.1 %</th><th>ECE</th></tr>
${[...Object.entries(evaluation.files), ['all', evaluation.pooled] as const]
  .map(
    ([file, f]) =>
      `<tr><td>${escaped(file)}</td><td>${f.rows}</td><td>${f.spam}</td>${[f.auc, f.mcc, f.recall, f.fpr, f.recallAt1pct, f.recallAt0_1pct, f.ece].map(value => `<td>${value === null ? '–' : value.toFixed(4)}</td>`).join('')}</tr>`,
  )
  .join('\n')}</table>
<h2>Curves</h2>
${rocChart(rocPoints(scores, labels))}${calibrationChart(calibrationBins(scores, labels))}
<h2>Ham taken for spam</h2>${mistakes(rows.filter(row => row.label === 0).sort((a, b) => b.score - a.score))}
<h2>Spam missed</h2>${mistakes(rows.filter(row => row.label === 1).sort((a, b) => a.score - b.score))}
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
      return `<rect x="${(i * width + 1).toFixed(1)}" y="${(HEIGHT - height).toFixed(1)}" width="${(width - 2).toFixed(1)}" height="${height.toFixed(1)}" fill="#1f6feb"><title>${bin.rows} texts</title></rect>`
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

function mistakes(rows: readonly ScoredText[]): string {
  const lines = rows
    .slice(0, WORST)
    .map(
      row =>
        `<tr><td class="text">${escaped(row.text.slice(0, 300))}</td><td>${escaped(row.file)}</td><td>${row.score.toFixed(3)}</td></tr>`,
    )
  return `<table><tr><th>text</th><th>file</th><th>score</th></tr>${lines.join('\n')}</table>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`)
}
