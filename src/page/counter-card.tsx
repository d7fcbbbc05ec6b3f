/** A counter of several bins: what it counts, a chart, and the same numbers as a table. */
import { useState } from 'preact/hooks';
import { type BinDetail, type CounterDetail } from '../roles/room-state.js';
import { formatDecimal, intervalWords } from './format.js';
import { useIsDark } from './theme-switch.js';

/** Longer tables begin closed, below the chart. */
const OPEN_ROWS_MAX = 12;

type Props = { readonly file: string; readonly counter: CounterDetail };

export function CounterCard({ file, counter }: Props) {
  const { name, meaning, counted, binned, sigma, bins } = counter;
  const noisy = bins.filter(({ isNoisy }) => isNoisy).length;
  return (
    <article class="card counter">
      <h3>{name}</h3>
      {meaning !== undefined && <p>{meaning}</p>}
      {sigma === undefined && (
        <p class="bad">The file does not say how much noise is in these totals: no intervals are known.</p>
      )}
      {noisy > 0 && (
        <p class="bad">
          {noisy === bins.length ? 'All totals' : `${noisy} of ${bins.length} totals`} may be noise alone: the
          noise is as large as the number.
        </p>
      )}
      <div class="beside">
        <Chart file={file} name={name} />
        <details open={bins.length <= OPEN_ROWS_MAX}>
          <summary>The {bins.length} totals as a table</summary>
          <div class="scroll" role="region" aria-label={`Totals of ${name}`} tabIndex={0}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{binned ?? 'Bin'}</th>
                  <th scope="col" class="number">
                    Total ({counted})
                  </th>
                  <th scope="col" class="number">
                    Interval of 95 %
                  </th>
                  <th scope="col">Note</th>
                </tr>
              </thead>
              <tbody>
                {bins.map((bin) => (
                  <BinRow key={bin.label} bin={bin} hasSigma={sigma !== undefined} />
                ))}
              </tbody>
            </table>
          </div>
        </details>
      </div>
    </article>
  );
}

function BinRow({ bin, hasSigma }: { readonly bin: BinDetail; readonly hasSigma: boolean }) {
  const { label, total, low, high, isNoisy } = bin;
  return (
    <tr class={isNoisy ? 'noisy' : ''}>
      <th scope="row">{label}</th>
      <td class="number">{formatDecimal(total)}</td>
      <td class="number">{intervalWords({ low, high, isKnown: hasSigma })}</td>
      <td class="note-cell">{isNoisy ? 'may be noise alone' : ''}</td>
    </tr>
  );
}

/** Drawn by the tally when it comes into sight. */
function Chart({ file, name }: { readonly file: string; readonly name: string }) {
  const isDark = useIsDark();
  const [isMissing, setMissing] = useState(false);
  if (isMissing) return <p class="note">There is no chart: the tally could not draw it now.</p>;
  return (
    <div class="chart scroll" role="region" aria-label={`Chart of ${name}`} tabIndex={0}>
      <img
        src={`/charts/${file}/${encodeURIComponent(name)}.svg${isDark ? '?dark' : ''}`}
        alt={`Bars of ${name} with intervals; the table has the same numbers.`}
        loading="lazy"
        onError={() => setMissing(true)}
      />
    </div>
  );
}
