/** A round under way: its phases, how far it is, how long it takes, and whom it waits for. */
import { type RunningRound } from '../roles/room-state.js';
import { useTallyTime } from './clock.js';
import { formatDuration, formatNames, shortId } from './format.js';
import { PHASES, progressOf } from './phases.js';

const NAMES_SHOWN = 12;

export function RunningRoundCard({ round }: { readonly round: RunningRound }) {
  const { roundId, phase, waitingFor } = round;
  const at = PHASES.findIndex(({ name }) => name === phase);
  const says = PHASES[at]?.says ?? phase;
  return (
    <article class="card round" aria-label={`Round ${shortId(roundId)}`}>
      <h3>
        Round <code title={roundId}>{shortId(roundId)}</code>
      </h3>
      <ol class="phases">
        {PHASES.map(({ name, title }, place) => (
          <li
            key={name}
            class={place < at ? 'done' : place === at ? 'current' : 'ahead'}
            aria-current={place === at ? 'step' : undefined}
          >
            {title}
            <span class="hidden">{place < at ? ' (done)' : place > at ? ' (to come)' : ''}</span>
          </li>
        ))}
      </ol>
      <p>{says}</p>
      <Progress round={round} />
      {waitingFor.length > 0 && <p>Waits for {formatNames(waitingFor, NAMES_SHOWN)}.</p>}
    </article>
  );
}

function Progress({ round }: { readonly round: RunningRound }) {
  const nowMs = useTallyTime();
  const { phase, sinceMs, endsAtMs, waitingFor, parties } = round;
  const progress = progressOf(round, nowMs);
  const isCounting = phase === 'collecting' && waitingFor.length === 0;
  const leftMs = endsAtMs === undefined ? undefined : endsAtMs - nowMs;
  return (
    <>
      <progress
        aria-label={isCounting ? 'Time for counting' : 'Nodes that have answered'}
        {...(progress === undefined ? {} : { value: progress })}
        max={1}
      />
      <p class="times">
        {isCounting || parties === 0
          ? `${formatDuration(nowMs - sinceMs)} so far`
          : `${parties - waitingFor.length} of ${parties} have answered`}
        {leftMs !== undefined && (
          <>
            {' · '}
            {leftMs > 0 ? `${isCounting ? '' : 'at most '}${formatDuration(leftMs)} left` : 'time is up'}
          </>
        )}
      </p>
    </>
  );
}
