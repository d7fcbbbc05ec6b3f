/** One round: what came of it, who took part, its totals with intervals and charts, and what there is to download. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type RoundDetail } from '../roles/room-state.js';
import { Time } from './clock.js';
import { Counters } from './counters.js';
import { formatDuration, plural, shortId } from './format.js';
import { NoiseWords, Outcome } from './past-rounds.js';

type Answer = RoundDetail | { readonly problem: string } | undefined;

export function RoundPage({ file }: { readonly file: string }) {
  const [answer, setAnswer] = useState<Answer>();
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const stop = new AbortController();
    void readRound(file, stop.signal).then((read) => {
      if (!stop.signal.aborted) setAnswer(read);
    });
    return () => stop.abort();
  }, [file]);
  // Whoever follows a link by keyboard or by ear goes on from the new heading.
  useEffect(() => {
    scrollTo(0, 0);
    title.current?.focus();
  }, []);
  const detail = answer !== undefined && 'line' in answer ? answer : undefined;
  return (
    <>
      <p>
        <a href="#rounds">← All rounds</a>
      </p>
      <h1 ref={title} tabIndex={-1}>
        {detail === undefined ? 'Round' : <Title detail={detail} />}
      </h1>
      {answer === undefined && <p>The round is read …</p>}
      {answer !== undefined && 'problem' in answer && <p role="alert">{answer.problem}</p>}
      {detail !== undefined && <Detail detail={detail} />}
    </>
  );
}

async function readRound(file: string, signal: AbortSignal): Promise<Answer> {
  try {
    const answer = await fetch(`/api/rounds/${file}`, { signal });
    if (answer.ok) return (await answer.json()) as RoundDetail;
    return { problem: `The tally says: ${await answer.text()}` };
  } catch {
    return { problem: 'The tally does not answer. Load the page again when it does.' };
  }
}

function Title({ detail: { line } }: { readonly detail: RoundDetail }) {
  return (
    <>
      Round {line.roundId !== undefined && <code>{shortId(line.roundId)}</code>} of{' '}
      <Time atMs={line.beginMs} />
    </>
  );
}

function Detail({ detail }: { readonly detail: RoundDetail }) {
  const { line, culprits, leftOut, collectors, keepers, counters, downloads } = detail;
  const isReleased = line.outcome === 'released';
  return (
    <>
      <div class="card">
        <p>
          <Outcome outcome={line.outcome} /> {isReleased ? 'counted for' : 'gave up after'}{' '}
          {formatDuration(line.endMs - line.beginMs)}, until <Time atMs={line.endMs} />
          {isReleased && <NoiseWords line={line} />}
        </p>
        {line.reason !== undefined && (
          <p>
            <strong>Nothing was released: {line.reason}.</strong>
            {culprits.length > 0 && ` Who caused it: ${culprits.join(', ')}.`}
          </p>
        )}
        {line.roundId !== undefined && (
          <p class="note">
            Round id <code class="id">{line.roundId}</code>
          </p>
        )}
        {isReleased && <People what="collector" names={collectors} says="in these totals" />}
        {isReleased && keepers.length > 0 && <People what="keeper" names={keepers} says="that opened them" />}
        {leftOut.length > 0 && <LeftOut leftOut={leftOut} />}
      </div>
      <h2>Downloads</h2>
      <ul>
        {downloads.map(({ name, what }) => (
          <li key={name}>
            <a href={`/results/${name}`} download={name}>
              {name}
            </a>
            : {what}
          </li>
        ))}
      </ul>
      {isReleased && <Counters file={line.file} counters={counters} isExact={line.noise === 'off'} />}
    </>
  );
}

type PeopleProps = { readonly what: string; readonly names: readonly string[]; readonly says: string };

function People({ what, names, says }: PeopleProps) {
  return (
    <details>
      <summary>
        {plural(names.length, what)} {says}
      </summary>
      <p>{names.join(', ')}</p>
    </details>
  );
}

function LeftOut({ leftOut }: Pick<RoundDetail, 'leftOut'>) {
  return (
    <details open={leftOut.length <= 10}>
      <summary>{plural(leftOut.length, 'node')} left out</summary>
      <ul>
        {leftOut.map(({ name, reason }) => (
          <li key={name}>
            {name}: {reason}
          </li>
        ))}
      </ul>
    </details>
  );
}
