/** `privcount ledger`: what a node's rounds have cost, and what is left of the budget. */
import { type CommandModule } from 'yargs';
import { type NodeConfig } from '../../config/node-config.js';
import { systemClock } from '../../io/clock.js';
import { composedMu, epsilonOf } from '../../privacy/gaussian-dp.js';
import { entriesInWindow } from '../../privacy/ledger.js';
import { type KnownNetwork } from '../../protocol/check-plan.js';
import { memoryIn } from '../../roles/store-memory.js';
import { openMemory } from '../open-memory.js';
import { readNodeStore } from '../open-store.js';
import { readNetwork, readNodeConfig, readSelf } from '../read-config.js';

type LedgerArguments = { readonly config: string };

export const ledger: CommandModule<object, LedgerArguments> = {
  command: 'ledger <config>',
  describe: "print what a node's rounds have cost, and what is left of network.yaml's budget",
  builder: (yargs) =>
    yargs.positional('config', { type: 'string', demandOption: true, describe: "a node's config.yaml" }),
  handler: (argv) => {
    const { config } = readNodeConfig(argv.config);
    process.stdout.write(`${sectionsOf(config).flatMap(ledgerLines).join('\n')}\n`);
  },
};

type Section = {
  readonly key: string;
  readonly role: 'tally' | 'keeper' | 'collector';
  readonly identityKeyFile: string;
  readonly networkFile: string;
  readonly stateFolder: string;
};

function sectionsOf({ tallyServer, shareKeeper, dataCollector }: NodeConfig): Section[] {
  return [
    tallyServer && { key: 'tally_server', role: 'tally' as const, ...tallyServer },
    shareKeeper && { key: 'share_keeper', role: 'keeper' as const, ...shareKeeper },
    dataCollector && { key: 'data_collector', role: 'collector' as const, ...dataCollector },
  ].filter((section) => section !== undefined);
}

/** The node may be running. */
function historyOf(known: KnownNetwork, { role, identityKeyFile, networkFile, stateFolder }: Section) {
  const { identity } = readSelf(known, role, { keyFile: identityKeyFile, networkFile, name: undefined });
  const store = readNodeStore(stateFolder, identity);
  try {
    const text = store && memoryIn(store);
    return openMemory({ read: () => text, write: () => undefined }, stateFolder).history;
  } finally {
    store?.close();
  }
}

function ledgerLines(section: Section): string[] {
  const known = readNetwork(section.networkFile);
  const { budget } = known.network.privacy;
  const { ledger: entries } = historyOf(known, section);
  const window = entriesInWindow(entries, { nowMs: systemClock.nowMs(), windowDays: budget.windowDays });
  const cost = epsilonOf(composedMu(window.map(({ mu }) => mu)), budget.delta);
  const rows = window.map(({ roundId, atMs, mu }) => {
    const epsilon = epsilonOf(mu, budget.delta);
    return `  ${new Date(atMs).toISOString()}  ${roundId}  mu ${mu.toPrecision(6)}  epsilon ${epsilon.toPrecision(4)}`;
  });
  return [
    `${section.key}: ${window.length} rounds in the last ${budget.windowDays} days`,
    ...rows,
    `  together epsilon ${cost.toPrecision(4)} of ${budget.epsilon}, at delta ${budget.delta}`,
  ];
}
