/** Whether a relay can count what a round needs, and whether it agrees to. */
import {
  CELL_EVENTS_MAX,
  type Command,
  type CountRequest,
  DEFAULT_SETTINGS,
  ENABLE,
  needsPatch,
  SAMPLE_RATE,
} from './commands.js';
import { type ControlFault, type ControlFaultCode } from './control-fault.js';
import { type ControlOptions } from './control-state.js';
import { type RelayContext, valuesOf } from './relay-context.js';
import { type Reply } from './reply-reader.js';
import { isWithinCommand } from './traffic-model-argument.js';

/** Tor prints a rate with six decimals. */
const RATE_ERROR_MAX = 5e-7;

/**
 * What is known before anything is sent: that tor is not patched and should be, cannot read so long a model, or has other
 * settings in torrc than the round's. Any tor can tell of its standard events.
 */
export function settingsFault(
  context: RelayContext,
  request: CountRequest,
  options: ControlOptions,
): ControlFault | undefined {
  if (!needsPatch(request)) return undefined;
  if (context.privcountVersion === undefined) return { code: 'no-privcount' };
  if (request.trafficModel !== undefined && !isWithinCommand(request.trafficModel)) {
    return { code: 'traffic-model-refused', detail: 'it is longer than tor reads' };
  }
  if (options.mayUseSetconf) return undefined;
  const rate = context.circuitSampleRate ?? DEFAULT_SETTINGS.circuitSampleRate;
  if (Math.abs(rate - request.circuitSampleRate) > RATE_ERROR_MAX) {
    return { code: 'setting-differs', detail: `${SAMPLE_RATE} ${request.circuitSampleRate}` };
  }
  const limit = Math.max(context.maxCellEventsPerCircuit ?? -1, -1);
  const wanted = Math.max(request.maxCellEventsPerCircuit, -1);
  return limit === wanted ? undefined : { code: 'setting-differs', detail: `${CELL_EVENTS_MAX} ${wanted}` };
}

const REFUSALS: Partial<Record<Command['kind'], ControlFaultCode>> = {
  'set-events': 'event-unknown',
  'set-option': 'setting-refused',
  'get-option': 'not-enabled',
  'set-traffic-model': 'traffic-model-refused',
};

/** What the relay's own words add: shortened, and with nothing that a log could take for a new line. */
function words(reply: Reply): string {
  return `${reply.code} ${reply.lines.at(-1)!.text}`.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
}

export function enablingFault(command: Command, reply: Reply): ControlFault | undefined {
  const code = REFUSALS[command.kind] ?? 'unexpected-reply';
  if (reply.code !== 250) return { code, detail: words(reply) };
  if (command.kind !== 'get-option') return undefined;
  return valuesOf(reply, ENABLE)[0] === '1' ? undefined : { code: 'not-enabled' };
}
