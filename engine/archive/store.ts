/** Where the archive lies: a folder, or a bucket that speaks S3. Names are `/`-separated and relative. */
export interface ArchiveStore {
  /** As a reader of configuration wrote it. */
  readonly place: string
  /** Names under a prefix, sorted. */
  list(prefix: string): Promise<readonly string[]>
  /** Puts a local file there, all or nothing; one of that name is replaced. The local file may be moved. */
  put(name: string, file: string): Promise<void>
  /** Bytes of a small object; undefined when there is none. */
  read(name: string): Promise<Uint8Array | undefined>
  /** A local path of an object to read it from: the object itself or a copy under `folder`. */
  fetch(name: string, folder: string): Promise<string>
  /** Removing what is not there is no failure. */
  remove(name: string): Promise<void>
}
