import { escaped } from '../charts/index.ts'
import type { Study } from '../model.ts'
import type { Speaker } from '../texts/index.ts'
import type { Block, Section } from './blocks.ts'
import {
  comparisonSection,
  dayBefore,
  definitionsSection,
  mergeSection,
  methodSection,
  recommendationsSection,
  summarySection,
} from './law.ts'
import { effectSection, moneySection, qualitySection } from './money.ts'
import { style } from './style.ts'
import { featuresSection, typesSection, volumeSection } from './traffic.ts'

/** The sections of a report in their order. */
export function sectionsOf(s: Speaker, study: Study): readonly Section[] {
  return [
    summarySection(s, study),
    mergeSection(s, study),
    methodSection(s, study),
    volumeSection(s, study),
    typesSection(s, study),
    featuresSection(s, study),
    effectSection(s, study),
    qualitySection(s, study),
    definitionsSection(s, study),
    moneySection(s, study),
    comparisonSection(s, study),
    recommendationsSection(s, study),
  ].filter(section => section !== undefined)
}

/**
 * The study as one HTML page that needs nothing else and prints on A4.
 * @param madeAt when it was made; the one thing that differs between two runs
 */
export function htmlPage(s: Speaker, study: Study, madeAt: string): string {
  const sections = sectionsOf(s, study)
  const { period } = study
  const span = s.say('periodValue', {
    from: s.date(period.from),
    to: s.date(dayBefore(period.to)),
    days: s.count(period.days),
    timezone: period.timezone,
  })
  const facts: readonly (readonly [string, string])[] = [
    [s.say(study.operators.length > 1 ? 'operators' : 'operator'), study.operators.join(', ')],
    [s.say('period'), span],
    [s.say('jurisdiction'), s.of(study.jurisdiction.name)],
    [s.say('subscribers'), study.subscribers === 0 ? s.say('notStated') : s.count(study.subscribers)],
    [s.say('software'), study.software],
  ]
  return `<!doctype html>
<html lang="${s.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(`${s.say('title')} – ${study.operators.join(', ')} – ${span}`)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escaped(s.say('title'))}</h1>
<p class="subtitle">${escaped(s.say('subtitle'))}</p>
<dl>${facts.map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`).join('')}</dl>
</header>
<nav aria-label="${escaped(s.say('contents'))}"><h2>${escaped(s.say('contents'))}</h2><ol>${sections.map(({ id, title }) => `<li><a href="#${id}">${escaped(title)}</a></li>`).join('')}</ol></nav>
<main>
${sections.map((section, i) => renderSection(section, i + 1)).join('\n')}
</main>
<footer>${escaped(s.say('generated', { time: madeAt }))}</footer>
</body>
</html>
`
}

function renderSection({ id, title, blocks }: Section, number: number): string {
  return `<section id="${id}">\n<h2><span>${number}</span> ${escaped(title)}</h2>\n${blocks.map(render).join('\n')}\n</section>`
}

function render(block: Block): string {
  switch (block.kind) {
    case 'text':
      return `<p>${escaped(block.text)}</p>`
    case 'heading':
      return `<h3>${escaped(block.text)}</h3>`
    case 'figures':
      return `<div class="figures">${block.figures
        .map(
          ({ label, value, note }) =>
            `<div><span class="label">${escaped(label)}</span><b${value.length > 14 ? ' class="long"' : ''}>${escaped(value)}</b>${note ? `<span class="note">${escaped(note)}</span>` : ''}</div>`,
        )
        .join('')}</div>`
    case 'chart':
      return `<figure>${block.svg}<figcaption>${escaped(block.title)}</figcaption></figure>`
    case 'table': {
      const head = block.columns.map(({ label, align }) => `<th scope="col" class="${align}">${escaped(label)}</th>`)
      const rows = block.rows.map(
        row =>
          `<tr>${row.map((value, i) => `<td class="${block.columns[i]?.align ?? 'text'}">${escaped(value)}</td>`).join('')}</tr>`,
      )
      return `<div class="wide"><table><thead><tr>${head.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`
    }
  }
}
