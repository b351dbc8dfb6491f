import type { DuckDBConnection } from '@duckdb/node-api'
import { messageOf, RingfenceError } from '../errors/index.ts'

export type Cell = string | number | boolean | null

/** A DuckDB: SQL in, plain rows out. Work happens on DuckDB's own threads, off the event loop. */
export interface Duck {
  run(sql: string): Promise<void>
  /** Rows as objects; 64-bit integers come as numbers (exact below 2^53), timestamps as milliseconds. */
  rows<T = Readonly<Record<string, Cell>>>(sql: string): Promise<T[]>
  close(): void
}

export interface DuckOptions {
  readonly threads: number
  /** A database file to keep tables in, compressed; in memory without. */
  readonly file?: string
  readonly memoryBytes: number
  /** Where it may spill what does not fit. */
  readonly temporary?: string
}

/**
 * Opens DuckDB without access to the network: extensions are neither looked for nor loaded.
 * @throws RingfenceError CONFIG_INVALID where the platform has no binary
 */
export async function openDuck(options: DuckOptions): Promise<Duck> {
  const { DuckDBInstance } = await import('@duckdb/node-api').catch((error: unknown) => {
    throw new RingfenceError('CONFIG_INVALID', `DuckDB does not load here: ${messageOf(error)}`, {
      hint: 'npm ci installs its binary for Linux, macOS and Windows on x64 and arm64',
      cause: error,
    })
  })
  const instance = await DuckDBInstance.create(options.file ?? ':memory:', {
    threads: String(options.threads),
    memory_limit: `${Math.round(options.memoryBytes / 1e6)}MB`,
    temp_directory: options.temporary ?? '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    preserve_insertion_order: 'false',
  })
  const connection: DuckDBConnection = await instance.connect()
  return {
    async run(sql) {
      await connection.run(sql)
    },
    async rows<T>(sql: string) {
      const reader = await connection.runAndReadAll(sql)
      const rows = reader.getRowObjects()
      return rows.map(row => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, plain(v)])) as T)
    },
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

function plain(value: unknown): Cell {
  if (typeof value === 'bigint') return Number(value)
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value
  return String(value)
}

/** A text as an SQL literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
