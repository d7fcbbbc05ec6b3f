/** The page as a whole: who follows the tally, and which part is looked at. */
import { useEffect, useState } from 'preact/hooks';
import { follow, showToken, type Told } from './live.js';
import { Lobby } from './lobby.js';
import { Login } from './login.js';
import { roundOfHash, tokenOfHash } from './hash.js';
import { PageHeader } from './page-header.js';
import { RoundPage } from './round-page.js';
import { Clock } from './clock.js';

const STARTING: Told = {
  link: { kind: 'connecting' },
  state: undefined,
  clock: { aheadMs: 0, stoppedAtMs: undefined },
};

export function App() {
  const [told, setTold] = useState(STARTING);
  const [visit, setVisit] = useState(0);
  const round = useRoundOfHash();
  useEffect(() => {
    // Whoever comes with a token in the address shows it first; it is in no request, and does not stay in the address.
    const token = tokenOfHash(location.hash);
    if (token === undefined) return follow(setTold);
    history.replaceState(null, '', location.pathname);
    let stop = (): void => undefined;
    void showToken(token).then(() => (stop = follow(setTold)));
    return () => stop();
  }, [visit]);
  const { link, state } = told;
  const network = state?.about.network;
  useEffect(() => {
    document.title = network === undefined ? 'Tally room' : `Tally room of ${network}`;
  }, [network]);
  return (
    <Clock.Provider value={told.clock}>
      <PageHeader told={told} />
      <main id="main" tabIndex={-1} class={link.kind === 'lost' ? 'stale' : ''}>
        {link.kind === 'locked' ? (
          <Login onWelcome={() => setVisit(visit + 1)} />
        ) : round !== undefined ? (
          <RoundPage key={round} file={round} />
        ) : state === undefined ? (
          <p class="first">
            {link.kind === 'lost' ? 'The tally does not answer yet.' : 'The tally room opens …'}
          </p>
        ) : (
          <Lobby state={state} />
        )}
      </main>
    </Clock.Provider>
  );
}

/** The round that the address names, as `#round=FILE`. */
function useRoundOfHash(): string | undefined {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const onChange = (): void => setHash(location.hash);
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  return roundOfHash(hash);
}
