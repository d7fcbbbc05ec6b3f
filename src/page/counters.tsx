/** The totals of a round. Each has its interval, and what may be noise alone says so. */
import { useState } from 'preact/hooks';
import { type CounterDetail } from '../roles/room-state.js';
import { CounterCard } from './counter-card.js';
import { plural } from './format.js';
import { PlainCounts } from './plain-counts.js';

/** A round may have thousands; those with bins have a chart and a table each. */
const COUNTERS_SHOWN = 12;
/** Of one number each: a row of a table. */
const ROWS_A_CARD = 8;

type Props = {
  readonly file: string;
  readonly counters: readonly CounterDetail[];
  /** Of a round without noise. */
  readonly isExact: boolean;
};

export function Counters({ file, counters, isExact }: Props) {
  const [wanted, setWanted] = useState('');
  const [shown, setShown] = useState(COUNTERS_SHOWN);
  const found = counters.filter(({ name, meaning = '' }) =>
    `${name} ${meaning}`.toLowerCase().includes(wanted.trim().toLowerCase()),
  );
  const plain = found.filter(({ bins }) => bins.length === 1);
  const binned = found.filter(({ bins }) => bins.length > 1);
  const left = Math.max(0, plain.length - shown * ROWS_A_CARD) + Math.max(0, binned.length - shown);
  return (
    <>
      <h2>Totals</h2>
      {isExact ? (
        <p class="banner danger">
          <strong>NOISE IS OFF.</strong> These totals are exact and keep nothing private: a test, never with
          real traffic.
        </p>
      ) : (
        <p>
          Each total is the true sum plus noise. 95 times in 100 the true sum is within the interval beside
          it. A total below 0 is noise, and means that the true sum is small.
        </p>
      )}
      {counters.length > COUNTERS_SHOWN && (
        <p>
          <label>
            Find a counter{' '}
            <input
              type="search"
              value={wanted}
              onInput={({ currentTarget }) => setWanted(currentTarget.value)}
            />
          </label>{' '}
          <span role="status">{plural(found.length, 'counter')}</span>
        </p>
      )}
      {plain.length > 0 && <PlainCounts counters={plain.slice(0, shown * ROWS_A_CARD)} />}
      {binned.slice(0, shown).map((counter) => (
        <CounterCard key={counter.name} file={file} counter={counter} />
      ))}
      {left > 0 && (
        <p>
          <button type="button" onClick={() => setShown(shown + COUNTERS_SHOWN)}>
            Show more: {left} are left
          </button>
        </p>
      )}
    </>
  );
}
