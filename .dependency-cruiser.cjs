// The folder tree is the architecture; these rules keep it so. `npm run boundaries` runs them.
// engine is the ground floor, connectors and models stand on its contracts, cli alone puts them together.
const CONTRACTS = '^engine/(activity|errors|hash|identity|log|observe|content)/index\\.ts$'

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'engine-is-the-ground-floor',
      comment: 'engine imports neither connectors nor models nor cli',
      severity: 'error',
      from: { path: '^engine/' },
      to: { path: '^(connectors|models|cli|test)/' },
    },
    {
      name: 'connectors-know-contracts-only',
      comment: 'connectors turn bytes into activity: they see the contracts of the engine, never its insides',
      severity: 'error',
      from: { path: '^connectors/' },
      to: { path: '^(engine|models|cli|test)/', pathNot: CONTRACTS },
    },
    {
      name: 'models-stand-on-the-engine',
      severity: 'error',
      from: { path: '^models/' },
      to: { path: '^(connectors|cli|test)/' },
    },
    {
      name: 'one-door-a-folder',
      comment: 'a folder is entered by its index.ts only',
      severity: 'error',
      from: { path: '^((?:engine|connectors|models)/[^/]+)/' },
      to: { path: '^(?:engine|connectors|models)/[^/]+/', pathNot: ['^$1/', '/index\\.ts$'] },
    },
    {
      name: 'one-door-a-folder-from-above',
      severity: 'error',
      from: { pathNot: '^(engine|connectors|models)/[^/]+/' },
      to: { path: '^(?:engine|connectors|models)/[^/]+/', pathNot: '/index\\.ts$' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: ['^cli/main\\.ts$', '\\.d\\.ts$'] },
      to: {},
    },
    {
      name: 'no-dev-dependency-in-product',
      severity: 'error',
      from: { path: '^(cli|connectors|engine|models)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
}
