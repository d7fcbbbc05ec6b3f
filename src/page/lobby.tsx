/** The room as one sees it first: now, nodes, budget, rounds. */
import { useEffect } from 'preact/hooks';
import { type RoomState } from '../roles/room-state.js';
import { Budget } from './budget.js';
import { Nodes } from './nodes.js';
import { Now } from './now.js';
import { PastRounds } from './past-rounds.js';
import { plural } from './format.js';

export function Lobby({ state: { about, now, nodes, past, budget } }: { readonly state: RoomState }) {
  // Back from a round, where the part that the address names was not there to be scrolled to.
  useEffect(() => {
    const part = document.getElementById(location.hash.slice(1));
    part?.scrollIntoView();
    part?.querySelector('a')?.focus({ preventScroll: true });
  }, []);
  return (
    <>
      <h1 class="hidden">Tally room of network {about.network}</h1>
      <nav class="parts" aria-label="Parts of this page">
        <a href="#now">Now</a>
        {nodes.length > 0 && <a href="#nodes">Nodes</a>}
        <a href="#budget">Budget</a>
        <a href="#rounds">Rounds</a>
      </nav>
      <Now now={now} />
      {nodes.length > 0 && <Nodes nodes={nodes} own={about.software} />}
      <Budget budget={budget} isNoiseOff={about.isNoiseOff} />
      <PastRounds past={past} />
      <footer>
        <p>
          {plural(about.keepers, 'keeper')}, of which any {about.threshold} open a total;{' '}
          {plural(about.collectors, 'collector')}, at least {about.minCollectors} in a total. {about.software}
          .
        </p>
        <p>
          Network id <code class="id">{about.networkId}</code>: the same at every node, or they do not talk to
          each other.
        </p>
        <p>
          Nothing on this page is counted at a single node. Totals are over collectors
          {about.isNoiseOff ? '; here they are exact, without noise.' : ' and carry noise.'}
        </p>
      </footer>
    </>
  );
}
