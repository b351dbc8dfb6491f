import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { featuresDocument } from '../../engine/features/index.ts'

/** `npm run docs`: writes the documents that are generated from the code. Tests hold each to be up to date. */
const root = new URL('../../../docs/', import.meta.url)
for (const [file, text] of [['features.md', featuresDocument()]] as const)
  writeFileSync(fileURLToPath(new URL(file, root)), text)
