import { scaleLinear } from 'd3-scale'
import { line } from 'd3-shape'
import { element, ink, picture, text } from './svg.ts'

export interface DailyChart {
  readonly label: string
  readonly days: readonly { readonly label: string; readonly spam: number; readonly share: number }[]
  readonly spamLabel: string
  readonly shareLabel: string
  readonly count: (value: number) => string
  readonly percent: (value: number) => string
}

const WIDTH = 720
const HEIGHT = 250
const LEFT = 54
const RIGHT = 54
const TOP = 30
const BOTTOM = 30

/** Bars of spam a day (left axis) under the line of its share (right axis). */
export function dailyChart({ label, days, spamLabel, shareLabel, count, percent }: DailyChart): string {
  const inner = WIDTH - LEFT - RIGHT
  const step = inner / Math.max(1, days.length)
  const y = scaleLinear([0, Math.max(1, ...days.map(day => day.spam))], [HEIGHT - BOTTOM, TOP]).nice(4)
  const share = scaleLinear([0, Math.max(0.001, ...days.map(day => day.share))], [HEIGHT - BOTTOM, TOP]).nice(4)
  const middle = (i: number) => LEFT + step * (i + 0.5)
  const body: string[] = []
  for (const tick of y.ticks(4)) {
    body.push(element('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick), stroke: ink.grid }))
    body.push(text(LEFT - 6, y(tick) + 4, count(tick), { 'text-anchor': 'end' }))
  }
  for (const tick of share.ticks(4))
    body.push(text(WIDTH - RIGHT + 6, share(tick) + 4, percent(tick), { fill: ink.spam }))
  const bar = Math.max(1, step * 0.72)
  days.forEach((day, i) => {
    const top = y(day.spam)
    body.push(
      element('rect', { x: middle(i) - bar / 2, y: top, width: bar, height: HEIGHT - BOTTOM - top, fill: ink.light }),
    )
  })
  const path = line<(typeof days)[number]>()
    .x((_, i) => middle(i))
    .y(day => share(day.share))
    .digits(1)(days)
  body.push(element('path', { d: path ?? '', fill: 'none', stroke: ink.spam, 'stroke-width': 2 }))
  const every = Math.max(1, Math.ceil(days.length / 8))
  days.forEach((day, i) => {
    if (days.length <= 62) body.push(element('circle', { cx: middle(i), cy: share(day.share), r: 2.4, fill: ink.spam }))
    if (i % every === 0) body.push(text(middle(i), HEIGHT - BOTTOM + 16, day.label, { 'text-anchor': 'middle' }))
  })
  body.push(
    element('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM, stroke: ink.axis }),
  )
  body.push(element('rect', { x: LEFT, y: 8, width: 10, height: 10, fill: ink.light }), text(LEFT + 15, 17, spamLabel))
  const second = LEFT + 40 + spamLabel.length * 6
  body.push(element('line', { x1: second, x2: second + 14, y1: 13, y2: 13, stroke: ink.spam, 'stroke-width': 2 }))
  body.push(text(second + 19, 17, shareLabel))
  return picture(WIDTH, HEIGHT, label, body)
}
