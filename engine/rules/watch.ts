import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Says when pack folders have changed and come to rest. */
export interface ChangeDetector {
  /** Looks once. True when the folders differ from what was last reported and are the same as at the look before. */
  look(): Promise<boolean>
}

/**
 * Polls instead of fs.watch: a ConfigMap is swapped by renaming the symlink `..data` two folders up, which inotify on the
 * files never sees; network and overlay file systems send no events at all. Two equal looks mean that a copy has ended.
 */
export async function createChangeDetector(folders: readonly string[]): Promise<ChangeDetector> {
  let reported = await fingerprint(folders)
  let before = reported
  return {
    async look() {
      const now = await fingerprint(folders)
      const atRest = now === before
      before = now
      if (!atRest || now === reported) return false
      reported = now
      return true
    },
  }
}

/** Watches until closed; looks never overlap. */
export async function watchPacks(
  folders: readonly string[],
  changed: () => void,
  // A look is a stat of every file: at two seconds it was a third of what an idle engine took.
  everyMs = 5_000,
): Promise<{ close(): void }> {
  const detector = await createChangeDetector(folders)
  let timer: NodeJS.Timeout | undefined
  let closed = false
  const next = (): void => {
    if (closed) return
    timer = setTimeout(async () => {
      if (await detector.look()) changed()
      next()
    }, everyMs)
    timer.unref()
  }
  next()
  return {
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}

/** Name, inode, size and time of every file: stat follows symlinks, so a swapped `..data` shows. */
async function fingerprint(folders: readonly string[]): Promise<string> {
  const lines: string[] = []
  for (const folder of folders) {
    for (const part of ['', 'rules', 'lists']) {
      const inside = join(folder, part)
      const names = await readdir(inside).catch(() => [])
      for (const name of names.sort()) {
        if (name.startsWith('.')) continue
        const found = await stat(join(inside, name)).catch(() => undefined)
        if (found?.isFile()) lines.push(`${join(inside, name)} ${found.ino} ${found.size} ${found.mtimeMs}`)
      }
    }
  }
  return lines.join('\n')
}
