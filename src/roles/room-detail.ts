/** One round as the room shows it to who looks: its totals, each with the interval that the noise leaves. */
import { isCheckCounter } from '../core/counters.js';
import { listNames, toBinLabels } from '../results/bin-labels.js';
import { SIGMAS_OF_95_PERCENT } from '../results/confidence.js';
import { toEstimate } from '../results/estimate.js';
import { parsePastRound } from '../results/past-round.js';
import { type CounterResult, parseResultFile, type RoundResult } from '../results/result-file.js';
import { counterWords } from './counter-words.js';
import { toLine } from './room-past.js';
import { type CounterDetail, type Download, type RoundDetail } from './room-state.js';

/** `text` of the outcome `file`; `names` of the folder's files. Throws ResultFileError. */
export function toRoundDetail(file: string, text: string, names: ReadonlySet<string>): RoundDetail {
  const round = parsePastRound(text);
  const { outcome, culprits, leftOut, collectors, keepers } = round;
  return {
    line: toLine({ ...round, file }),
    culprits,
    leftOut,
    collectors: outcome === 'released' ? collectors : [],
    keepers: outcome === 'released' ? keepers : [],
    // An aborted round has no totals, whatever its file says.
    counters: outcome === 'released' ? toCounterDetails(parseResultFile(text)) : [],
    downloads: downloadsOf(file, outcome, names),
  };
}

/** Check counters say that the total is sound, and nothing else. */
function toCounterDetails(result: RoundResult): CounterDetail[] {
  return result.counters
    .filter(({ name }) => !isCheckCounter(name))
    .map((counter) => toCounterDetail(counter, result));
}

function toCounterDetail({ name, bins, sigma }: CounterResult, result: RoundResult): CounterDetail {
  const words = counterWords(name);
  const labels = toBinLabels(
    name,
    bins,
    listNames([{ label: '', result }], 'file', { listKind: words?.listKind, bins: bins.length }),
  );
  return {
    name,
    ...(words === undefined ? {} : { meaning: words.meaning }),
    counted: words?.counted ?? 'total',
    ...(words?.binned === undefined ? {} : { binned: words.binned }),
    ...(sigma === undefined ? {} : { sigma }),
    bins: bins.map(({ total }, at) => {
      const { low, high, isNoisy } = toEstimate({ total, sigma }, SIGMAS_OF_95_PERCENT);
      return { label: labels[at]!, total, low, high, isNoisy };
    }),
  };
}

/** A round's files have the same times in their names. */
function downloadsOf(file: string, outcome: string, names: ReadonlySet<string>): Download[] {
  const times = file.slice('privcount.outcome.'.length);
  const found = [
    { name: file, what: 'the outcome: totals, privacy and who took part (JSON)' },
    { name: `privcount.tallies.${times}`, what: 'the tallies alone, as PrivCount writes them (JSON)' },
    { name: `privcount.traffic.model.${times}`, what: 'the updated traffic model (JSON)' },
  ].filter(({ name }) => names.has(name));
  if (outcome !== 'released') return found;
  const csv = { name: file.replace(/json$/, 'csv'), what: 'totals with intervals, a line a bin (CSV)' };
  return [...found, csv];
}
