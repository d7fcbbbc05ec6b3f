/** `privcount sk`: a share keeper. */
import { type CommandModule } from 'yargs';
import { sectionOf } from '../../config/node-config.js';
import { files } from '../../io/files.js';
import { keeperFiles } from '../../io/node-stores.js';
import { Keeper } from '../../roles/keeper.js';
import { type ConfigArguments, makeFolders, nodePorts, runDaemon, software } from '../daemon.js';
import { withLogOptions } from '../log-options.js';
import { openMemory } from '../open-memory.js';
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
    } = sectionOf(config, 'shareKeeper', file);
    const self = readSelf(readNetwork(networkFile), 'keeper', { keyFile, networkFile, name });
    makeFolders(stateFolder, 'rounds');
    const memory = openMemory(stateFolder);
    process.exitCode = await runDaemon('sk', argv, (log) => {
      const ports = { ...nodePorts(stateFolder, log), store: keeperFiles(files, stateFolder), memory };
      const keeper = new Keeper(self, software, { ownDelay: delay }, ports);
      keeper.start();
      return {
        done: new Promise<number>(() => undefined),
        stop: () => {
          keeper.close();
          return Promise.resolve();
        },
      };
    });
  },
};
