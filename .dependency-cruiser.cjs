/** The order of the layers (doc/architecture.md): an arrow may only point to the left of
 *  core <- {privacy, crypto, tor} <- {collection, protocol, config, results, ...} <- roles <- io <- cli. */
const layers = [
  ['core'],
  ['privacy', 'crypto', 'tor'],
  ['collection', 'tables', 'vault', 'join', 'protocol', 'config', 'results'],
  ['roles'],
  ['io'],
  ['cli'],
];

const rules = layers.flatMap((siblings, level) =>
  siblings.map((layer) => ({
    name: `${layer}-imports-only-lower-layers`,
    severity: 'error',
    from: { path: `^src/${layer}/` },
    to: {
      path: '^src/',
      pathNot: [
        `^src/${layer}/`,
        ...layers
          .slice(0, level)
          .flat()
          .map((lower) => `^src/${lower}/`),
      ],
    },
  })),
);

const pure = 'core|privacy|tor|collection|tables|vault|join|protocol|config|results|roles';

module.exports = {
  forbidden: [
    ...rules,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'pure-layers-use-no-node-module',
      severity: 'error',
      from: { path: `^src/(${pure})/` },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(buffer)$' },
    },
    {
      name: 'crypto-only-uses-node-crypto',
      severity: 'error',
      from: { path: '^src/crypto/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer)$' },
    },
    {
      name: 'yargs-only-in-cli',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^node_modules/yargs' },
    },
    {
      name: 'network-log-and-database-libraries-only-in-io',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/io/' },
      to: { path: '^node_modules/(ws|winston|selfsigned|@photostructure/sqlite|prom-client)/' },
    },
    {
      name: 'page-imports-only-types-of-what-the-tally-sends',
      comment: 'The page runs in a browser: what it shares with the tally has no code.',
      severity: 'error',
      from: { path: '^src/page/' },
      to: { path: '^src/', pathNot: '^src/page/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'page-imports-the-state-of-the-room-and-nothing-else',
      severity: 'error',
      from: { path: '^src/page/' },
      to: { path: '^src/', pathNot: '^src/(page/|roles/room-state[.]ts$)' },
    },
    {
      name: 'nobody-imports-the-page',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/page/' },
      to: { path: '^src/page/' },
    },
    {
      name: 'preact-only-in-the-page',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/page/' },
      to: { path: '^node_modules/preact/' },
    },
    {
      name: 'sources-do-not-import-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
