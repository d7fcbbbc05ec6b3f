/** `privcount version`. */
import { type CommandModule } from 'yargs';
import { PROTOCOL_VERSION } from '../../protocol/limits.js';
import { softwareVersion } from '../software.js';

export const version: CommandModule = {
  command: 'version',
  describe: 'print the version and the protocol that it speaks',
  handler: () => {
    process.stdout.write(`privcount version ${softwareVersion()} (protocol ${PROTOCOL_VERSION})\n`);
  },
};
