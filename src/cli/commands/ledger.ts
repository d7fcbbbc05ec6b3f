/** `privcount ledger`: what a node's rounds have cost, and what is left of the budget. */
import { type CommandModule } from 'yargs';
import { type NodeConfig } from '../../config/node-config.js';
import { systemClock } from '../../io/clock.js';
import { composedMu, epsilonOf } from '../../privacy/gaussian-dp.js';
import { entriesInWindow } from '../../privacy/ledger.js';
import { openMemory } from '../open-memory.js';
import { readNetwork, readNodeConfig } from '../read-config.js';

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

type Section = { readonly role: string; readonly networkFile: string; readonly stateFolder: string };

function sectionsOf({ tallyServer, shareKeeper, dataCollector }: NodeConfig): Section[] {
  const sections = { tally_server: tallyServer, share_keeper: shareKeeper, data_collector: dataCollector };
  return Object.entries(sections).flatMap(([role, section]) =>
    section === undefined
      ? []
      : [{ role, networkFile: section.networkFile, stateFolder: section.stateFolder }],
  );
}

function ledgerLines({ role, networkFile, stateFolder }: Section): string[] {
  const { budget } = readNetwork(networkFile).network.privacy;
  const { ledger: entries } = openMemory(stateFolder).history;
  const window = entriesInWindow(entries, { nowMs: systemClock.nowMs(), windowDays: budget.windowDays });
  const cost = epsilonOf(composedMu(window.map(({ mu }) => mu)), budget.delta);
  const rows = window.map(({ roundId, atMs, mu }) => {
    const epsilon = epsilonOf(mu, budget.delta);
    return `  ${new Date(atMs).toISOString()}  ${roundId}  mu ${mu.toPrecision(6)}  epsilon ${epsilon.toPrecision(4)}`;
  });
  return [
    `${role}: ${window.length} rounds in the last ${budget.windowDays} days`,
    ...rows,
    `  together epsilon ${cost.toPrecision(4)} of ${budget.epsilon}, at delta ${budget.delta}`,
  ];
}
