import { scaleLinear } from 'd3-scale'
import { cut, element, ink, picture, text } from './svg.ts'

export interface Bar {
  readonly label: string
  readonly value: number
  readonly print: string
  /** Whiskers. */
  readonly low?: number
  readonly high?: number
}

const WIDTH = 720
const ROW = 24
const LEFT = 210
const RIGHT = 150

/** Horizontal bars, longest first as given, with whiskers where there is an interval. */
export function barChart(label: string, bars: readonly Bar[]): string {
  const height = bars.length * ROW + 12
  const x = scaleLinear(
    [0, Math.max(1e-9, ...bars.map(bar => Math.max(bar.value, bar.high ?? 0)))],
    [LEFT, WIDTH - RIGHT],
  )
  const body = bars.flatMap(({ label: name, value, print, low, high }, i) => {
    const middle = i * ROW + ROW / 2 + 6
    const marks = [
      text(LEFT - 8, middle + 4, cut(name, LEFT - 12), { 'text-anchor': 'end', fill: ink.text }),
      element('rect', {
        x: LEFT,
        y: middle - 8,
        width: Math.max(0.5, x(value) - LEFT),
        height: 16,
        fill: ink.main,
        rx: 1.5,
      }),
      text(Math.max(x(value), x(high ?? 0)) + 8, middle + 4, print, { fill: ink.text }),
    ]
    if (low !== undefined && high !== undefined) {
      const whisker = { stroke: ink.spam, 'stroke-width': 1.5 }
      marks.push(
        element('line', { x1: x(low), x2: x(high), y1: middle, y2: middle, ...whisker }),
        element('line', { x1: x(low), x2: x(low), y1: middle - 4, y2: middle + 4, ...whisker }),
        element('line', { x1: x(high), x2: x(high), y1: middle - 4, y2: middle + 4, ...whisker }),
      )
    }
    return marks
  })
  return picture(WIDTH, height, label, body)
}
