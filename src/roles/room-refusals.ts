/** The rounds that the tally did not open, by its own check of its plan: a status tells of the present only. */
import { type RoomRefusal } from './room-state.js';
import { type Status } from './status-board.js';

/** How the tally's warning about them begins (status-board.ts). */
const REFUSAL = 'no round is opened: ';
/** A delay or a budget makes one each: more would hide the page. */
const REFUSALS_MAX = 20;

/** Newest first. Answers the same list if nothing is new. */
export function withRefusal(
  refusals: readonly RoomRefusal[],
  { warnings, writtenAtMs }: Pick<Status, 'warnings' | 'writtenAtMs'>,
): readonly RoomRefusal[] {
  const reason = warnings.find(({ text }) => text.startsWith(REFUSAL))?.text.slice(REFUSAL.length);
  const [last, ...older] = refusals;
  const lasting = last?.untilMs === undefined ? last : undefined;
  if (lasting?.reason === reason) return refusals;
  if (lasting === undefined) return begun(reason, writtenAtMs, refusals);
  // What is spent, or how long is left, is another number each time.
  if (reason !== undefined && withoutNumbers(lasting.reason) === withoutNumbers(reason))
    return [{ ...lasting, reason }, ...older];
  return begun(reason, writtenAtMs, [{ ...lasting, untilMs: writtenAtMs }, ...older]);
}

function begun(reason: string | undefined, fromMs: number, before: readonly RoomRefusal[]) {
  return reason === undefined ? before : [{ reason, fromMs }, ...before].slice(0, REFUSALS_MAX);
}

function withoutNumbers(text: string): string {
  return text.replace(/\d+/g, '0');
}
