/** A collector's round on the disk (CollectorRecord), an entry for each of its larger parts: they change seldom. */
import { decodeMessage, encodeMessage } from '../protocol/codec.js';
import { type CollectorImage, type CollectorRecord } from '../protocol/collector-state.js';
import { type MessageKind, type MessageOf } from '../protocol/messages.js';
import { seenChange } from './seen-rounds.js';
import { type Change, type Store } from './store-port.js';

const KEYS = {
  state: 'round/state',
  plan: 'round/plan',
  image: 'round/image',
  report: 'round/report',
} as const;

/** What is written as JSON; of the image all but its cells. */
type StateJson = Pick<CollectorRecord, 'expiresAtMs' | 'generation' | 'stopAtMs'> & {
  readonly image?: Omit<CollectorImage, 'cells'>;
};

const encoder = new TextEncoder();

/** Writes what of the record is not on the disk already: all of it or, if it throws, nothing. */
export function writeRecord(
  store: Store,
  record: CollectorRecord,
  before: CollectorRecord | undefined,
): void {
  const { plan, image, report, expiresAtMs, generation, stopAtMs } = record;
  const { cells, ...about } = image ?? { cells: undefined };
  const json = { expiresAtMs, generation, stopAtMs, ...(image === undefined ? {} : { image: about }) };
  const changes: Change[] = [{ key: KEYS.state, value: encoder.encode(JSON.stringify(json)) }];
  if (plan !== before?.plan) {
    changes.push({ key: KEYS.plan, value: encodeMessage(plan) }, seenChange(plan.roundId));
  }
  if (image !== before?.image) changes.push({ key: KEYS.image, value: cells });
  if (report !== before?.report) {
    changes.push({ key: KEYS.report, value: report && encodeMessage(report) });
  }
  store.write(changes);
}

/** The round that was under way, if there was one. */
export function readRecord(store: Store): CollectorRecord | undefined {
  const state = store.get(KEYS.state);
  if (state === undefined) return undefined;
  const { image: about, ...json } = JSON.parse(new TextDecoder().decode(state)) as StateJson;
  return {
    expiresAtMs: json.expiresAtMs,
    generation: json.generation,
    stopAtMs: json.stopAtMs,
    plan: readMessage(store, 'plan')!,
    image: about && { ...about, cells: store.get(KEYS.image)! },
    report: readMessage(store, 'report'),
  };
}

function readMessage<K extends MessageKind & ('plan' | 'report')>(
  store: Store,
  kind: K,
): MessageOf<K> | undefined {
  const bytes = store.get(KEYS[kind]);
  if (bytes === undefined) return undefined;
  const decoded = decodeMessage(bytes);
  // The store gives back what was written, or throws.
  if ('fault' in decoded) throw new Error(`the ${kind} of the round can't be read: ${decoded.fault}`);
  return decoded.message as MessageOf<K>;
}

/** Removes the round, if there is one. */
export function removeRecord(store: Store): void {
  const there = Object.values(KEYS).filter((key) => store.get(key) !== undefined);
  if (there.length > 0) store.write(there.map((key) => ({ key, value: undefined })));
}
