/** `privcount ts`: the tally server. */
import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { type CommandModule } from 'yargs';
import { readTrafficModel } from '../../collection/traffic/model-file.js';
import { ConfigError } from '../../config/config-error.js';
import { sectionOf } from '../../config/node-config.js';
import { type TallyConfig } from '../../config/tally-config.js';
import { systemClock } from '../../io/clock.js';
import { files } from '../../io/files.js';
import { createListener } from '../../io/listener.js';
import { type Allocation } from '../../privacy/allocation.js';
import { type KnownNetwork } from '../../protocol/check-plan.js';
import { canonicalJson, type Json } from '../../protocol/canonical-json.js';
import { type Log } from '../../roles/ports.js';
import { type ResultFiles } from '../../roles/results.js';
import { type TallySettings } from '../../roles/tally-plan.js';
import { type TallySummary } from '../../roles/series.js';
import { storeMemory } from '../../roles/store-memory.js';
import { Tally } from '../../roles/tally.js';
import { type ConfigArguments, makeFolders, runDaemon, software, statusPorts } from '../daemon.js';
import { EXIT } from '../exit-codes.js';
import { withLogOptions } from '../log-options.js';
import { type NodeMonitor } from '../node-monitor.js';
import { openMemory } from '../open-memory.js';
import { openNodeStore } from '../open-store.js';
import { allocationYaml } from '../noise-report.js';
import { refusedListening } from '../listen-errors.js';
import { OperatorError } from '../operator-error.js';
import { readAll } from '../read-all.js';
import { readNetwork, readNodeConfig, readSelf } from '../read-config.js';
import { readRoomKeys, type RoomKeys } from '../room-keys.js';
import { type RoomSubject, TallyRoom } from '../tally-room.js';
import { readTallySettings } from '../tally-settings.js';
import { readTls } from '../tally-tls.js';

export const ts: CommandModule<object, ConfigArguments> = {
  command: 'ts <config>',
  describe: 'run the tally server: plan rounds, publish totals',
  builder: (yargs) =>
    withLogOptions(
      yargs.positional('config', { type: 'string', demandOption: true, describe: 'its config.yaml' }),
    ).epilogue(
      'Ends when the configured rounds are over (continue in config.yaml): exit code 0 if each was released, 3 if one ' +
        'was aborted. Results are in the folder `results`.',
    ),
  handler: async (argv) => {
    const { config, file } = readNodeConfig(argv.config);
    const section = sectionOf(config, 'tallyServer', file);
    const known = readNetwork(section.networkFile);
    const { identityKeyFile: keyFile, networkFile } = section;
    const { self, credentials, roomKeys } = readAll({
      self: () => readSelf(known, 'tally', { keyFile, networkFile, name: undefined }),
      credentials: () => readTls(section, known),
      roomKeys: () => (section.room === undefined ? undefined : readRoomKeys(section.room)),
    });
    makeFolders(section.resultsFolder);
    makeFolders(section.stateFolder);
    const store = openNodeStore(section.stateFolder, self.identity);
    const memory = openMemory(storeMemory(store), section.stateFolder);
    const subject = { config: section.monitor, role: 'tally' as const, network: known.network, memory };
    process.exitCode = await runDaemon('ts', argv, subject, (log, monitor) => {
      const settings = readSettings(section, file, known, log);
      let latest = settings;
      if (section.noiseOff) log.warn('noise is off: this network of test keys keeps nothing private');
      const room = roomOf(section, roomKeys, { known, memory, log });
      const status = statusPorts(section.stateFolder, log, monitor);
      const tally = new Tally(self, software, settings, {
        listener: createListener(credentials),
        clock: systemClock,
        log,
        memory,
        store,
        ...status,
        openStatus: (make) => status.openStatus(room?.watch(make) ?? make),
        readSettings: () => {
          const read = rereadSettings(argv.config, known, log);
          monitor.noteConfigRead(read !== undefined);
          return (latest = read ?? latest);
        },
        randomBytes: (length) => new Uint8Array(randomBytes(length)),
        writeResults: (results) => writeResults(section.resultsFolder, results),
      });
      return {
        done: runBoth(tally, { room, monitor }).finally(() => store.close()),
        stop: () =>
          Promise.all([tally.close(), room?.close()])
            .finally(() => store.close())
            .then(() => undefined),
        reload: () => tally.reload(),
      };
    });
  },
};

/** What the rounds are to be, by config.yaml and the files that it names. Throws ConfigError. */
function readSettings(section: TallyConfig, file: string, known: KnownNetwork, log: Log): TallySettings {
  const warn = (message: string): void => log.warn(message);
  const { settings, allocation } = readTallySettings(section, file, known, warn);
  if (allocation !== undefined) writeAllocation(section, allocation);
  return settings;
}

/** The same between rounds, where a fault does not end a series that runs; undefined then. */
function rereadSettings(path: string, known: KnownNetwork, log: Log): TallySettings | undefined {
  try {
    const { config, file } = readNodeConfig(path);
    return readSettings(sectionOf(config, 'tallyServer', file), file, known, log);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log.error(`the configuration is not read again, what was read before stays: ${error.message}`);
    return undefined;
  }
}

/** `allocation` of config.yaml: what was allocated, in the form that `sigmas` takes. */
function writeAllocation({ allocationFile }: TallyConfig, allocation: Allocation): void {
  if (allocationFile === undefined) return;
  files.writeWhole(allocationFile, Buffer.from(allocationYaml(allocation)), { isPublic: true });
}

function roomOf(
  { room, resultsFolder, noiseOff: isNoiseOff }: TallyConfig,
  keys: RoomKeys | undefined,
  around: Pick<RoomSubject, 'known' | 'memory' | 'log'>,
): TallyRoom | undefined {
  if (room === undefined || keys === undefined) return undefined;
  return new TallyRoom({ room, keys, resultsFolder, isNoiseOff, ...around });
}

/** The room is open before the tally is, so that an operator who chose a port that is taken learns it at once. */
async function runBoth(
  tally: Tally,
  { room, monitor }: { readonly room: TallyRoom | undefined; readonly monitor: NodeMonitor },
): Promise<number> {
  await room?.open();
  try {
    const summary = await tally.run().catch(refuseListening);
    // A room may stay. That all nodes are away then is no fault that anybody should be woken for.
    await monitor.close();
    await room?.end();
    return exitCodeOf(summary);
  } finally {
    await room?.close();
  }
}

function exitCodeOf({ aborted }: TallySummary): number {
  return aborted === 0 ? EXIT.fine : EXIT.aborted;
}

function refuseListening(error: unknown): never {
  throw refusedListening(error, 'tally_server');
}

/** Throws OperatorError if the machine does not take them: the disk is full, or the folder is gone. */
function writeResults(folder: string, { tallies, outcome, model }: ResultFiles): void {
  try {
    for (const file of [tallies, outcome, model]) {
      if (file !== undefined)
        files.writeWhole(join(folder, file.name), toText(file.json), { isPublic: true });
    }
    if (model !== undefined) linkLatest(folder, model);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OperatorError(
      `the results of a round can't be written: ${reason}; the round is kept, and they are written when the tally is started again`,
      EXIT.failure,
      { cause: error },
    );
  }
}

/** `traffic.model.latest.json` is the newest model that is one, as a round may leave one whose probabilities are off. */
function linkLatest(folder: string, { name, json }: NonNullable<ResultFiles['model']>): void {
  if (readTrafficModel(JSON.stringify(json)).model === undefined) return;
  const link = join(folder, 'traffic.model.latest.json');
  rmSync(`${link}.new`, { force: true });
  symlinkSync(name, `${link}.new`);
  renameSync(`${link}.new`, link);
}

/** Keys sorted and indented, as PrivCount writes them. */
function toText(json: Json): Uint8Array {
  const sorted: unknown = JSON.parse(canonicalJson(json));
  return new TextEncoder().encode(`${JSON.stringify(sorted, undefined, 4)}\n`);
}
