import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { recommendations } from './recommendations.ts'
import { resolution } from './resolution.ts'
import type { Row } from './row.ts'

const conformanceRows: readonly Row[] = [...resolution, ...recommendations]

/** Rows whose test does not exist, in words. */
export function missingTests(): readonly string[] {
  return conformanceRows.flatMap(({ clause, standing, test }) => {
    if (test === undefined) return standing === 'not applicable' ? [] : [`${clause}: no test`]
    const path = fileURLToPath(new URL(`../../../../test/${test[0]}`, import.meta.url))
    if (!existsSync(path)) return [`${clause}: ${test[0]} does not exist`]
    return readFileSync(path, 'utf8').includes(test[1]) ? [] : [`${clause}: ${test[0]} has no test named '${test[1]}'`]
  })
}

/** docs/conformance.md. */
export function conformanceDocument(): string {
  const line = ({ clause, says, capability, standing, test }: Row) =>
    `| ${clause} | ${says} | ${capability} | ${standing} | ${test === undefined ? '–' : `[${test[1]}](../test/${test[0]})`} |`
  const table = (rows: readonly Row[]) =>
    ['| clause | about | capability | standing | test |', '|---|---|---|---|---|', ...rows.map(line)].join('\n')
  return `# Conformance

What each clause of WTSA Resolution 52 (Rev. Hammamet, 2016) and each ITU-T clause that this project cites comes to here, and
the test that shows it. *Shown*: the test named does. *In part*: what is missing is said. *By analogy*: the text is about another
kind of network or another protocol; the idea is the same and no conformance is claimed. *Not applicable*: nothing here does it.
Of the Recommendations only titles and scopes are relied on; no requirement text is claimed to be met. This page is generated
(\`npm run docs\`); a test holds that every test named exists.

## Resolution 52

${table(resolution)}

## ITU-T Recommendations and Supplements

${table(recommendations)}
`
}
