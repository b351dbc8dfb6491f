/** Colours that stay apart in print, in grey and for colour-blind readers. */
export const ink = {
  text: '#1d2733',
  quiet: '#5d6b79',
  grid: '#dfe5ea',
  axis: '#9aa7b3',
  main: '#1f5f8b',
  light: '#a9c7dc',
  spam: '#c2502f',
  pale: '#f0c9bc',
} as const

/** Text made safe for markup. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`)
}

type Attributes = Readonly<Record<string, string | number>>

/** An element; numbers are rounded to hundredths, so that the same figures give the same bytes. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const pairs = Object.entries(attributes).map(
    ([key, value]) => `${key}="${typeof value === 'number' ? Math.round(value * 100) / 100 : escaped(value)}"`,
  )
  return `<${name} ${pairs.join(' ')}${content === '' ? '/>' : `>${content}</${name}>`}`
}

export function text(x: number, y: number, content: string, attributes: Attributes = {}): string {
  return element('text', { x, y, fill: ink.quiet, ...attributes }, escaped(content))
}

/** A picture that scales with the page and says what it shows to those who do not see it. */
export function picture(width: number, height: number, label: string, body: readonly string[]): string {
  return element(
    'svg',
    { class: 'chart', role: 'img', 'aria-label': label, viewBox: `0 0 ${width} ${height}`, 'font-size': 11 },
    body.join(''),
  )
}

/** Characters that fit a width at a font size of 11, cut with an ellipsis. */
export function cut(label: string, widthPx: number): string {
  const fits = Math.floor(widthPx / 6.5)
  return label.length <= fits ? label : `${label.slice(0, Math.max(1, fits - 1))}…`
}
