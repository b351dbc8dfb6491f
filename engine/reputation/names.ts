/** Names as small integers; 0 is "no name", and what comes when there are too many. */
export interface Names {
  codeOf(name: string | undefined): number
  nameOf(code: number): string | undefined
}

const MAX_NAMES = 65_535
const MAX_LENGTH = 64

/** Symbols and categories come from packs and are few; records of strangers must not grow this table without bound. */
export function createNames(): Names {
  const codes = new Map<string, number>()
  const names: (string | undefined)[] = [undefined]
  return {
    codeOf(name) {
      if (name === undefined || name === '' || name.length > MAX_LENGTH) return 0
      const known = codes.get(name)
      if (known !== undefined) return known
      if (names.length >= MAX_NAMES) return 0
      codes.set(name, names.length)
      return names.push(name) - 1
    },
    nameOf: code => names[code],
  }
}
