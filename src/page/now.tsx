/** What the tally does now: rounds under way, whom it waits for, what is wrong and what would help. */
import { type RoomNow, type RoomRefusal, type RoomWarning } from '../roles/room-state.js';
import { Time } from './clock.js';
import { formatNames, plural, shortId } from './format.js';
import { RunningRoundCard } from './running-round.js';

/** More names than this are read by nobody in a sentence. */
const NAMES_SHOWN = 8;

export function Now({ now }: { readonly now: RoomNow }) {
  const { rounds, phase, warnings, refusals } = now;
  return (
    <section id="now" aria-labelledby="now-title">
      <h2 id="now-title">Now</h2>
      {rounds.length === 0 ? (
        <p class="card idle">
          <span class="hidden">The tally: </span>
          {sentence(
            now.isOver
              ? 'All rounds are over. The tally takes no nodes any more; the results stay here.'
              : phase,
          )}
        </p>
      ) : (
        rounds.map((round) => <RunningRoundCard key={round.roundId} round={round} />)
      )}
      <p class="hidden" role="status">
        {rounds.map(({ roundId, phase: inPhase }) => `Round ${shortId(roundId)} is ${inPhase}.`).join(' ')}
      </p>
      {refusals.length > 0 && <Refusals refusals={refusals} />}
      {warnings.length > 0 && <Warnings warnings={warnings} />}
    </section>
  );
}

function Refusals({ refusals }: { readonly refusals: readonly RoomRefusal[] }) {
  const [first] = refusals;
  const isRefusing = first?.untilMs === undefined;
  return (
    <details class="card refusals" open={isRefusing}>
      <summary>
        <h3>{isRefusing ? 'No round is opened' : 'Rounds that were not opened'}</h3>
      </summary>
      <p>
        The tally itself checks each plan as every node does, and opens no round that a node would have to
        refuse.
      </p>
      <ul>
        {refusals.map(({ reason, fromMs, untilMs }) => (
          <li key={fromMs}>
            <strong>{sentence(reason)}</strong> Since <Time atMs={fromMs} />
            {untilMs === undefined
              ? '; it is tried again each second.'
              : [', until ', <Time key="until" atMs={untilMs} />, '.']}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Warnings({ warnings }: { readonly warnings: readonly RoomWarning[] }) {
  return (
    <section class="card warnings" aria-labelledby="warnings-title">
      <h3 id="warnings-title">{plural(warnings.length, 'warning')}</h3>
      <ul>
        {warnings.map(({ names, text, advice }) => (
          <li key={`${text} ${advice}`}>
            <p>
              <strong>
                {names.length === 1 ? `${names[0]} ` : names.length > 1 ? `${names.length} nodes, each ` : ''}
                {text}
              </strong>
            </p>
            {names.length > 1 && <p>{formatNames(names, NAMES_SHOWN)}</p>}
            <p class="advice">What helps: {advice}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** With a capital, and a full stop. */
function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
