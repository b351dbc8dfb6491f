import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { configDocument } from '../../cli/config.ts'
import { defaultPack, vocabulary } from '../../cli/packs.ts'
import { version } from '../../cli/version.ts'
import { asyncApiDocument } from '../../engine/activity/index.ts'
import { featuresDocument } from '../../engine/features/index.ts'
import { metricsDocument } from '../../engine/observe/index.ts'
import { loadPacks, RULES_BEGIN, rulesDocument } from '../../engine/rules/index.ts'
import { API_BEGIN, apiDocument, openApiDocument } from '../../engine/serve/index.ts'
import { generatedChartFiles } from '../../helm/generate/index.ts'
import { conformanceDocument } from './conformance/index.ts'
import { documentedGroups } from './routes.ts'

/** `npm run docs`: writes the documents that are generated from the code. Tests hold each to be up to date. */
const root = new URL('../../../docs/', import.meta.url)
const path = (file: string) => fileURLToPath(new URL(file, root))
writeFileSync(path('features.md'), featuresDocument())

writeFileSync(path('metrics.md'), metricsDocument())

writeFileSync(path('configuration.md'), configDocument())

writeFileSync(path('conformance.md'), conformanceDocument())

writeFileSync(path('asyncapi.json'), `${JSON.stringify(asyncApiDocument(version), null, 2)}\n`)

const pack = loadPacks([defaultPack], vocabulary)
const [written] = readFileSync(path('rules.md'), 'utf8').split(RULES_BEGIN)
writeFileSync(path('rules.md'), `${written}${rulesDocument(pack)}`)

const chart = new URL('../../../helm/ringfence/', import.meta.url)
const chartPath = (file: string) => fileURLToPath(new URL(file, chart))
for (const [file, text] of generatedChartFiles(readFileSync(chartPath('values.yaml'), 'utf8')))
  writeFileSync(chartPath(file), text)

const groups = documentedGroups()
const [api] = readFileSync(path('api.md'), 'utf8').split(API_BEGIN)
writeFileSync(path('api.md'), `${api}${apiDocument(groups)}`)
writeFileSync(path('openapi.json'), `${JSON.stringify(openApiDocument(groups, version), null, 2)}\n`)
