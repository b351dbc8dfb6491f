import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'

/** What a snapshot is a snapshot of: where to go on reading, and what made it. */
export interface SnapshotMark {
  /** The next offset of each topic that feeds the partition. */
  readonly offsets: Readonly<Record<string, number>>
  /** Versions of engine, packs and models that were in force; for the record and for those who resume. */
  readonly versions: Readonly<Record<string, string>>
  /** Anything else, as JSON, that belongs to the same instant: what was already published, for example. */
  readonly note?: unknown
}

/** The table of contents: which slot of each page belongs to this snapshot, and what its bytes must sum to. */
export interface Manifest {
  readonly generation: number
  /** Which of the two places of a manifest this one stands in. */
  readonly slot: number
  readonly mark: SnapshotMark
  readonly sections: readonly SectionTable[]
}

export interface SectionTable {
  readonly name: string
  readonly layout: string
  /** Pages `[0, total)`; a page whose entry is `EMPTY` was never taken. */
  readonly pages: PageTable
}

/** Per page the generation that wrote it, its slot (0 or 1, or EMPTY) and its checksum. */
export interface PageTable {
  readonly total: number
  readonly generations: Uint32Array
  readonly checksums: Uint32Array
  readonly slots: Uint8Array
}

export const EMPTY = 2
const FORMAT = 1
const ENTRY_BYTES = 9
/** Well under the megabyte that brokers take by default. */
const CHUNK_BYTES = 512 * 1024
/** Of a chunk: version u8, three zeros, generation u32, index u16, count u16, crc32 u32 of what follows. */
const HEADER_BYTES = 16

/** A table of `total` empty pages, or a copy of `from` cut or grown to it. */
export function pageTable(total: number, from?: PageTable): PageTable {
  const table = {
    total,
    generations: new Uint32Array(total),
    checksums: new Uint32Array(total),
    slots: new Uint8Array(total).fill(EMPTY),
  }
  if (from !== undefined) {
    const kept = Math.min(total, from.total)
    table.generations.set(from.generations.subarray(0, kept))
    table.checksums.set(from.checksums.subarray(0, kept))
    table.slots.set(from.slots.subarray(0, kept))
  }
  return table
}

/** Encodes a manifest as the values of one or more records. */
export function encodeManifest(manifest: Manifest): Buffer[] {
  const json = JSON.stringify({
    format: FORMAT,
    mark: manifest.mark,
    sections: manifest.sections.map(({ name, layout, pages }) => ({
      name,
      layout,
      total: pages.total,
      pages: deflateRawSync(encodeTable(pages), { level: 1 }).toString('base64'),
    })),
  })
  const body = Buffer.from(json)
  const count = Math.max(1, Math.ceil(body.length / CHUNK_BYTES))
  return Array.from({ length: count }, (_, index) => {
    const part = body.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)
    const chunk = Buffer.alloc(HEADER_BYTES + part.length)
    chunk[0] = FORMAT
    chunk.writeUInt32LE(manifest.generation, 4)
    chunk.writeUInt16LE(index, 8)
    chunk.writeUInt16LE(count, 10)
    chunk.writeUInt32LE(crc32(part), 12)
    part.copy(chunk, HEADER_BYTES)
    return chunk
  })
}

export interface ManifestChunk {
  readonly generation: number
  readonly index: number
  readonly count: number
  readonly body: Buffer
}

/** Reads one record of a manifest; undefined when it is damaged. */
export function decodeChunk(value: Buffer): ManifestChunk | undefined {
  if (value.length < HEADER_BYTES || value[0] !== FORMAT) return undefined
  const body = value.subarray(HEADER_BYTES)
  if (crc32(body) !== value.readUInt32LE(12)) return undefined
  return { generation: value.readUInt32LE(4), index: value.readUInt16LE(8), count: value.readUInt16LE(10), body }
}

/** Puts the chunks of one generation together, in order; undefined when they are not a manifest of this format. */
export function decodeManifest(generation: number, slot: number, chunks: readonly Buffer[]): Manifest | undefined {
  try {
    const json = JSON.parse(Buffer.concat(chunks).toString()) as {
      format: number
      mark: SnapshotMark
      sections: { name: string; layout: string; total: number; pages: string }[]
    }
    if (json.format !== FORMAT) return undefined
    const sections = json.sections.map(({ name, layout, total, pages }) => ({
      name,
      layout,
      pages: decodeTable(inflateRawSync(Buffer.from(pages, 'base64')), total),
    }))
    return { generation, slot, mark: json.mark, sections }
  } catch {
    // The checksum was right, so this is a format of another version: not ours to guess at.
    return undefined
  }
}

function encodeTable(pages: PageTable): Buffer {
  const bytes = Buffer.alloc(pages.total * ENTRY_BYTES)
  const { total } = pages
  for (let page = 0; page < total; page++) {
    bytes.writeUInt32LE(pages.generations[page]!, page * 4)
    bytes.writeUInt32LE(pages.checksums[page]!, total * 4 + page * 4)
    bytes[total * 8 + page] = pages.slots[page]!
  }
  return bytes
}

function decodeTable(bytes: Buffer, total: number): PageTable {
  if (bytes.length !== total * ENTRY_BYTES) throw new RangeError('page table of the wrong length')
  const table = pageTable(total)
  for (let page = 0; page < total; page++) {
    table.generations[page] = bytes.readUInt32LE(page * 4)
    table.checksums[page] = bytes.readUInt32LE(total * 4 + page * 4)
    table.slots[page] = bytes[total * 8 + page]!
  }
  return table
}
