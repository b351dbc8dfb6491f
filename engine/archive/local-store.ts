import { copyFile, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import type { ArchiveStore } from './store.ts'

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** The archive in a folder. A file appears by its rename, after its bytes are on disk. */
export function localStore(root: string): ArchiveStore {
  return {
    place: root,
    async list(prefix) {
      const folder = join(root, prefix)
      const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
        if (isMissing(error)) return []
        throw error
      })
      return entries
        .filter(entry => entry.isFile() && !entry.name.endsWith('.part'))
        .map(entry => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
        .sort()
    },
    async put(name, file) {
      const target = join(root, name)
      await mkdir(dirname(target), { recursive: true })
      const part = `${target}.part`
      // The spool may lie on another file system, across which nothing can be renamed.
      await copyFile(file, part)
      const handle = await open(part, 'r+')
      await handle.sync()
      await handle.close()
      await rename(part, target)
    },
    async read(name) {
      try {
        return await readFile(join(root, name))
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    },
    fetch: async name => join(root, name),
    remove: name => rm(join(root, name), { force: true }),
  }
}
