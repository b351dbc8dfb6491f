import stringWidth from 'string-width'

const segmenter = new Intl.Segmenter()

/** Text made to fit `width` terminal columns exactly: cut with an ellipsis or padded with blanks. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const clean = printable(text)
  const missing = width - stringWidth(clean)
  if (missing >= 0) return align === 'left' ? clean + ' '.repeat(missing) : ' '.repeat(missing) + clean
  let cut = ''
  let used = 0
  for (const { segment } of segmenter.segment(clean)) {
    const columns = stringWidth(segment)
    if (used + columns > width - 1) break
    cut += segment
    used += columns
  }
  return `${cut}…${' '.repeat(width - used - 1)}`
}

/** The text without control characters: what a caller put into a display name must not drive the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ')
}
