import { scaleLinear } from 'd3-scale'
import { element, ink, picture, text } from './svg.ts'

const CELL = 26
const LEFT = 48
const TOP = 22
const WIDTH = LEFT + 24 * CELL + 24

/** Weekday by hour: the darker, the more. */
export function heatChart(
  label: string,
  rows: readonly (readonly number[])[],
  weekdays: readonly string[],
  count: (value: number) => string,
): string {
  const most = Math.max(1, ...rows.flat())
  const shade = scaleLinear<string>([0, 1], ['#f4f7f9', ink.main])
  const body: string[] = []
  for (let hour = 0; hour < 24; hour += 3)
    body.push(text(LEFT + hour * CELL + CELL / 2, TOP - 7, String(hour), { 'text-anchor': 'middle' }))
  rows.forEach((row, day) => {
    const y = TOP + day * CELL
    body.push(text(LEFT - 8, y + CELL / 2 + 4, weekdays[day] ?? '', { 'text-anchor': 'end', fill: ink.text }))
    row.forEach((value, hour) => {
      const cell = { x: LEFT + hour * CELL + 1, y: y + 1, width: CELL - 2, height: CELL - 2, rx: 2 }
      body.push(element('rect', { ...cell, fill: shade(Math.sqrt(value / most)) }, `<title>${count(value)}</title>`))
    })
  })
  return picture(WIDTH, TOP + rows.length * CELL + 6, label, body)
}
