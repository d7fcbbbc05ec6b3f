/** The counters that are one number each, side by side in a table. */
import { type CounterDetail } from '../roles/room-state.js';
import { formatDecimal, intervalWords } from './format.js';
import { IntervalBar } from './interval-bar.js';

export function PlainCounts({ counters }: { readonly counters: readonly CounterDetail[] }) {
  const bins = counters.flatMap((counter) => counter.bins);
  const most = Math.max(0, ...bins.map(({ high }) => high));
  const least = Math.min(0, ...bins.map(({ low }) => low));
  return (
    <div class="card scroll flush" role="region" aria-label="Counters of one number" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Counter</th>
            <th scope="col" class="number">
              Total
            </th>
            <th scope="col" class="number">
              Interval of 95 %
            </th>
            <th scope="col" class="picture">
              <span class="hidden">As a picture</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {counters.map((counter) => (
            <PlainRow key={counter.name} counter={counter} most={most} least={least} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

type RowProps = { readonly counter: CounterDetail; readonly most: number; readonly least: number };

function PlainRow({ counter: { name, meaning, counted, sigma, bins }, most, least }: RowProps) {
  const { total, low, high, isNoisy } = bins[0]!;
  return (
    <tr class={isNoisy ? 'noisy' : ''}>
      <th scope="row" class="wordy">
        {name}
        {meaning !== undefined && <span class="meaning">{meaning}</span>}
        {isNoisy && <span class="bad">May be noise alone: the noise is as large as the number.</span>}
      </th>
      <td class="number">
        {formatDecimal(total)} <span class="unit">{counted}</span>
      </td>
      <td class="number">{intervalWords({ low, high, isKnown: sigma !== undefined })}</td>
      <td class="picture">
        <IntervalBar value={Number(total)} low={low} high={high} most={most} least={least} />
      </td>
    </tr>
  );
}
