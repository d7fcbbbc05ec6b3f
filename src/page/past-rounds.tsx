/** The rounds that were, newest first: released or aborted, and why. */
import { useState } from 'preact/hooks';
import { type PastRoundLine, type RoomPast } from '../roles/room-state.js';
import { Time } from './clock.js';
import { formatDuration, formatEpsilon, plural, shortId } from './format.js';
import { hashOfRound } from './hash.js';

const ROUNDS_SHOWN = 20;

export function PastRounds({ past: { rounds, faults, unread } }: { readonly past: RoomPast }) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? rounds : rounds.slice(0, ROUNDS_SHOWN);
  return (
    <section id="rounds" aria-labelledby="rounds-title">
      <h2 id="rounds-title">Rounds that were</h2>
      {rounds.length === 0 && <p class="card idle">No round has ended yet.</p>}
      <ul class="past">
        {shown.map((line) => (
          <li key={line.file}>
            <PastRoundCard line={line} />
          </li>
        ))}
      </ul>
      {rounds.length > shown.length && (
        <p>
          <button type="button" onClick={() => setAll(true)}>
            Show all {rounds.length} rounds
          </button>
        </p>
      )}
      {isAll && unread > 0 && <p class="note">{plural(unread, 'older round')} are in the results folder.</p>}
      {faults.length > 0 && (
        <div class="card warnings">
          <h3>Files that can’t be read</h3>
          <ul>
            {faults.map(({ file, problem }) => (
              <li key={file}>
                <code>{file}</code>: {problem}
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

function PastRoundCard({ line }: { readonly line: PastRoundLine }) {
  const { file, roundId, outcome, beginMs, endMs, reason, collectors, leftOut } = line;
  const isReleased = outcome === 'released';
  return (
    <article class="card past-round">
      <h3>
        <a href={hashOfRound(file)}>
          Round {roundId === undefined ? '' : <code>{shortId(roundId)}</code>} of <Time atMs={beginMs} />
        </a>
      </h3>
      <p>
        <Outcome outcome={outcome} /> {isReleased ? 'counted' : 'gave up after'}{' '}
        {formatDuration(endMs - beginMs)}
        {isReleased && ` · ${plural(collectors, 'collector')}`}
        {leftOut > 0 && ` · ${leftOut} left out`}
        {isReleased && <NoiseWords line={line} />}
      </p>
      {reason !== undefined && <p>Nothing was released: {reason}.</p>}
    </article>
  );
}

export function Outcome({ outcome }: Pick<PastRoundLine, 'outcome'>) {
  return (
    <span class={`state state-${outcome}`}>
      <span aria-hidden="true">{outcome === 'released' ? '✓' : '✕'}</span> {outcome}
    </span>
  );
}

export function NoiseWords({ line: { noise, epsilon, delta } }: { readonly line: PastRoundLine }) {
  if (noise === 'off') return <strong class="bad"> · NOISE OFF: exact, keeps nothing private</strong>;
  if (epsilon === undefined) return null;
  return (
    <>
      {` · effective ε ${formatEpsilon(epsilon)}`}
      {delta !== undefined && ` at δ ${delta}`}
    </>
  );
}
