/** What a tally keeps over its rounds: how far it is with those that it was told to run, and what it told nodes last. */
import { fromHex, toHex } from '../core/hex.js';
import { decodeMessage, encodeMessage } from '../protocol/codec.js';
import { type MessageOf } from '../protocol/messages.js';
import { type Plan } from '../protocol/plan.js';
import { type RoundOutcome } from '../protocol/tally-state.js';
import { type Change, type Store } from './store-port.js';

export type TallySummary = { readonly released: number; readonly aborted: number };

export type Series = TallySummary & {
  /** When the next round may begin. */
  readonly notBeforeMs: number;
};

/** A node that was away when its round ended is told when it comes back, if the round is one of the last. */
const ENDS_MAX = 16;
const SERIES_KEY = 'series';
const ENDS_KEY = 'ends';
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One round further. */
export function seriesAfter(
  series: Series,
  { kind, endedAtMs }: Pick<RoundOutcome, 'kind' | 'endedAtMs'>,
  { phaseMs }: Pick<Plan, 'phaseMs'>,
): Series {
  const next = { ...series, [kind]: series[kind] + 1 };
  // What ended this round at once may end the next ones too: they must not follow each other as fast as messages do.
  return kind === 'aborted' ? { ...next, notBeforeMs: endedAtMs + phaseMs } : next;
}

/** How far the series of rounds is that was under way when the tally ended; undefined if none was. */
export function readSeries(store: Store): Series | undefined {
  const bytes = store.get(SERIES_KEY);
  return bytes && (JSON.parse(decoder.decode(bytes)) as Series);
}

/** Undefined: the series is over, and the next start begins a new one. */
export function seriesChange(series: Series | undefined): Change {
  return { key: SERIES_KEY, value: series && encoder.encode(JSON.stringify(series)) };
}

/** The last rounds' ends, by round. */
export function readEnds(store: Store): Map<string, MessageOf<'end'>> {
  const bytes = store.get(ENDS_KEY);
  const frames = bytes === undefined ? [] : (JSON.parse(decoder.decode(bytes)) as string[]);
  const ends = frames.flatMap((frame) => {
    const decoded = decodeMessage(fromHex(frame));
    return 'message' in decoded && decoded.message.kind === 'end' ? [decoded.message] : [];
  });
  return new Map(ends.map((end) => [end.roundId, end]));
}

/** Adds one, and forgets the oldest. */
export function endsChange(ends: Map<string, MessageOf<'end'>>, end: MessageOf<'end'>): Change {
  ends.set(end.roundId, end);
  for (const roundId of [...ends.keys()].slice(0, -ENDS_MAX)) ends.delete(roundId);
  const frames = [...ends.values()].map((each) => toHex(encodeMessage(each)));
  return { key: ENDS_KEY, value: encoder.encode(JSON.stringify(frames)) };
}
