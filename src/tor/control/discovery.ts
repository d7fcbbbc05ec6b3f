/** The replies of the discovery, and what they make the client ask next. */
import {
  CELL_EVENTS_MAX,
  type Command,
  DEFAULT_SETTINGS,
  patchedDiscoveryCommands,
  resetCommands,
  statusCommand,
} from './commands.js';
import { type ControlFault } from './control-fault.js';
import { type ControlOptions } from './control-state.js';
import { contextOf, flagsOf, type FoundContext } from './relay-context.js';
import { type Reply } from './reply-reader.js';

export type DiscoveryStep =
  | { readonly kind: 'found'; readonly found: FoundContext; readonly commands: readonly Command[] }
  | { readonly kind: 'fail'; readonly fault: ControlFault };

/**
 * Only the fingerprint must be had. All else may be refused: an unmodified tor knows no option of PrivCount, and a relay
 * that is not in the consensus yet has no flags.
 */
export function stepDiscoveryReply(
  before: FoundContext,
  command: Command,
  reply: Reply,
  options: ControlOptions,
): DiscoveryStep {
  if (command.kind !== 'get-info' && command.kind !== 'get-option') {
    return { kind: 'found', found: before, commands: [] };
  }
  if (command.name.startsWith('ns/id/')) {
    return { kind: 'found', found: { ...before, flags: flagsOf(reply) }, commands: [] };
  }
  const found = { ...before, ...contextOf(command, reply) };
  if (command.name === 'fingerprint') return stepFingerprint(found, reply, options);
  return command.name === CELL_EVENTS_MAX && options.mayUseSetconf
    ? resetSettings(found)
    : { kind: 'found', found, commands: [] };
}

/** The last of the questions that were asked together. */
function stepFingerprint(found: FoundContext, reply: Reply, options: ControlOptions): DiscoveryStep {
  const { fingerprint } = found;
  if (reply.code === 551) return { kind: 'fail', fault: { code: 'not-a-relay' } };
  if (fingerprint === undefined) return { kind: 'fail', fault: { code: 'fingerprint-malformed' } };
  const fault = options.checkRelay(fingerprint);
  if (fault !== undefined) return { kind: 'fail', fault };
  const isPatched = found.privcountVersion !== undefined;
  const patched = isPatched ? patchedDiscoveryCommands(options.mayUseSetconf) : [];
  return { kind: 'found', found, commands: [...patched, statusCommand(fingerprint)] };
}

/** The last of the settings that were asked for: a client that was killed while it counted has left its own behind. */
function resetSettings(found: FoundContext): DiscoveryStep {
  const left = {
    circuitSampleRate: found.circuitSampleRate ?? DEFAULT_SETTINGS.circuitSampleRate,
    maxCellEventsPerCircuit: found.maxCellEventsPerCircuit ?? DEFAULT_SETTINGS.maxCellEventsPerCircuit,
  };
  return { kind: 'found', found: { ...found, ...DEFAULT_SETTINGS }, commands: resetCommands(left) };
}
