/** What the rounds have cost, over time, and what is left. */
import { useContext } from 'preact/hooks';
import { type RoomBudget } from '../roles/room-state.js';
import { BudgetChart } from './budget-chart.js';
import { Clock, Time, timeOf } from './clock.js';
import { formatEpsilon, plural, shortId } from './format.js';

type Props = { readonly budget: RoomBudget; readonly isNoiseOff: boolean };

export function Budget({ budget, isNoiseOff }: Props) {
  const { epsilon, delta, windowDays, spentEpsilon, entries } = budget;
  const nowMs = timeOf(useContext(Clock));
  return (
    <section id="budget" aria-labelledby="budget-title">
      <h2 id="budget-title">Privacy budget</h2>
      {isNoiseOff ? (
        <p class="card danger">Noise is off: rounds keep nothing private, and nothing is booked.</p>
      ) : (
        <div class="card">
          <p>
            <strong class="large">
              ε {formatEpsilon(spentEpsilon)} of {formatEpsilon(epsilon)}
            </strong>{' '}
            spent by {plural(entries.length, 'round')} of the last {plural(windowDays, 'day')}, at δ {delta}.
          </p>
          <progress aria-label="Budget spent" value={Math.min(1, spentEpsilon / epsilon)} max={1} />
          <p class="note">
            A round costs when it begins, also if it is aborted later. Together rounds cost less than their
            sum. A round that would pass the budget is refused by every node.
          </p>
          {entries.length > 0 && (
            <>
              <BudgetChart budget={budget} nowMs={nowMs} />
              <details>
                <summary>The same as a table</summary>
                <BudgetTable entries={entries} />
              </details>
            </>
          )}
        </div>
      )}
    </section>
  );
}

function BudgetTable({ entries }: { readonly entries: RoomBudget['entries'] }) {
  return (
    <div class="scroll" role="region" aria-label="Table of the rounds' costs" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Round</th>
            <th scope="col">Began</th>
            <th scope="col">ε alone</th>
            <th scope="col">ε of the window with it</th>
          </tr>
        </thead>
        <tbody>
          {[...entries].reverse().map(({ roundId, atMs, epsilon, togetherEpsilon }) => (
            <tr key={`${roundId} ${atMs}`}>
              <th scope="row">
                <code title={roundId}>{shortId(roundId)}</code>
              </th>
              <td>
                <Time atMs={atMs} />
              </td>
              <td>{formatEpsilon(epsilon)}</td>
              <td>{formatEpsilon(togetherEpsilon)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
