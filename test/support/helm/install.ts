import { installHelmTools } from './tools.ts'

/** `node dist/test/support/helm/install.js`: what the chart's tests need. */
await installHelmTools(line => process.stderr.write(`helm tools: ${line}\n`))
