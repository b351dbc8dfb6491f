import type { PagedState } from './port.ts'

const PAGE_BYTES = 256 * 1024

/**
 * A small state that is saved whole, as a PagedState. `save` gives its bytes at a freeze; `load` gets them back.
 * Only parts of 256 KB that differ from what was saved last are written again.
 */
export function blobState(
  name: string,
  layout: string,
  save: () => Uint8Array,
  load: (bytes: Uint8Array) => void,
): PagedState {
  let last: Uint8Array | undefined
  const parts: Uint8Array[] = []
  return {
    name,
    layout: `blob/${layout}`,
    freeze(full) {
      // A copy: a Buffer's own slice is only a view.
      const bytes = new Uint8Array(save())
      const before = full ? undefined : last
      last = bytes
      const total = Math.ceil(bytes.length / PAGE_BYTES)
      let page = 0
      return {
        total,
        next() {
          for (; page < total; page++) {
            const part = partOf(bytes, page)
            if (before !== undefined && Buffer.compare(partOf(before, page), part) === 0) continue
            return { page: page++, bytes: part }
          }
          return undefined
        },
        release() {
          // Parts that were not taken are owed to the next freeze: compare with nothing.
          if (page < total) last = undefined
        },
      }
    },
    load(page, bytes) {
      parts[page] = new Uint8Array(bytes)
    },
    restored() {
      last = Buffer.concat(parts)
      parts.length = 0
      load(last)
    },
  }
}

function partOf(bytes: Uint8Array, page: number): Uint8Array {
  return bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
}
