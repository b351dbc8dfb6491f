/** Columns a text takes on a terminal: combining marks none, wide (East Asian, emoji) characters two (UAX #11). */
export function widthOf(text: string): number {
  let width = 0
  for (const char of text) width += widthOfChar(char)
  return width
}

function widthOfChar(char: string): number {
  const code = char.codePointAt(0)!
  if (code < 0x300) return code < 0x20 ? 0 : 1
  if (/\p{Mn}|\p{Me}|\p{Cf}/u.test(char)) return 0
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u.test(
    char,
  )
    ? 2
    : 1
}

/** Text made to fit `width` columns exactly: cut with an ellipsis or padded with blanks. Control characters are removed. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const clean = printable(text)
  const missing = width - widthOf(clean)
  if (missing >= 0) return align === 'left' ? clean + ' '.repeat(missing) : ' '.repeat(missing) + clean
  let cut = ''
  let used = 0
  for (const char of clean) {
    const charWidth = widthOfChar(char)
    if (used + charWidth > width - 1) break
    cut += char
    used += charWidth
  }
  return `${cut}…${' '.repeat(Math.max(0, width - used - 1))}`
}

/** What a caller put into a display name must not drive the terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing control characters is what this is for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')
}
