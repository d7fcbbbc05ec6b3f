/** `privcount sk`: a share keeper. */
import { type CommandModule } from 'yargs';
import { sectionOf } from '../../config/node-config.js';
import { Keeper } from '../../roles/keeper.js';
import { storeMemory } from '../../roles/store-memory.js';
import { type ConfigArguments, makeFolders, nodePorts, runDaemon, software } from '../daemon.js';
import { withLogOptions } from '../log-options.js';
import { openMemory } from '../open-memory.js';
import { openNodeStore } from '../open-store.js';
import { readNetwork, readNodeConfig, readSelf } from '../read-config.js';

export const sk: CommandModule<object, ConfigArguments> = {
  command: 'sk <config>',
  describe: 'run a share keeper: hold the seeds that hide the counts',
  builder: (yargs) =>
    withLogOptions(
      yargs.positional('config', { type: 'string', demandOption: true, describe: 'its config.yaml' }),
    ).epilogue('Runs until it is told to stop.'),
  handler: async (argv) => {
    const { config, file } = readNodeConfig(argv.config);
    const {
      identityKeyFile: keyFile,
      networkFile,
      name,
      stateFolder,
      delay,
      monitor: at,
    } = sectionOf(config, 'shareKeeper', file);
    const known = readNetwork(networkFile);
    const self = readSelf(known, 'keeper', { keyFile, networkFile, name });
    makeFolders(stateFolder);
    const store = openNodeStore(stateFolder, self.identity);
    const memory = openMemory(storeMemory(store), stateFolder);
    const subject = { config: at, role: 'keeper' as const, network: known.network, memory };
    process.exitCode = await runDaemon('sk', argv, subject, (log, monitor) => {
      const ports = { ...nodePorts(stateFolder, log, monitor), store, memory };
      const keeper = new Keeper(self, software, { ownDelay: delay }, ports);
      keeper.start();
      return {
        done: new Promise<number>(() => undefined),
        stop: () => {
          keeper.close();
          store.close();
          return Promise.resolve();
        },
      };
    });
  },
};
