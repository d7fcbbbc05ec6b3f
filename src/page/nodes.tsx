/** Every node of the network: whether it is there, its version and its clock. */
import { memo } from './memo.js';
import { useState } from 'preact/hooks';
import { type RoomNode } from '../roles/room-state.js';
import { Time } from './clock.js';
import { formatSkew, plural } from './format.js';

/** Longer tables are shown on demand; those with trouble come first. */
const ROWS_SHOWN = 60;
/** As the tally warns (roles/peers.ts). */
const SKEW_MS_MAX = 30_000;

const STATES: Readonly<Record<RoomNode['state'], { readonly order: number; readonly sign: string }>> = {
  away: { order: 0, sign: '✕' },
  silent: { order: 1, sign: '!' },
  'not ready': { order: 2, sign: '–' },
  ready: { order: 3, sign: '✓' },
};

export function Nodes({ nodes, own }: { readonly nodes: readonly RoomNode[]; readonly own: string }) {
  const [wanted, setWanted] = useState('');
  const [isAll, setAll] = useState(false);
  const found = nodes
    .filter(({ name, state }) => `${name} ${state}`.includes(wanted.trim().toLowerCase()))
    .sort((a, b) => STATES[a.state].order - STATES[b.state].order);
  const shown = isAll ? found : found.slice(0, ROWS_SHOWN);
  return (
    <section id="nodes" aria-labelledby="nodes-title">
      <h2 id="nodes-title">Nodes</h2>
      <p class="sums">
        {(['keeper', 'collector'] as const).map((role) => summaryOf(nodes, role)).join(' · ')}
      </p>
      {nodes.length > ROWS_SHOWN && (
        <p>
          <label>
            Find by name or state{' '}
            <input
              type="search"
              value={wanted}
              onInput={({ currentTarget }) => setWanted(currentTarget.value)}
            />
          </label>
        </p>
      )}
      <div class="card scroll flush" role="region" aria-label="Table of nodes" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Node</th>
              <th scope="col">State</th>
              <th scope="col">Counts now</th>
              <th scope="col">Clock</th>
              <th scope="col">Last heard</th>
              <th scope="col">Version</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((node) => (
              <NodeRow key={node.name} node={node} own={own} />
            ))}
          </tbody>
        </table>
      </div>
      {found.length > shown.length && (
        <p>
          <button type="button" onClick={() => setAll(true)}>
            Show all {found.length} nodes
          </button>
        </p>
      )}
    </section>
  );
}

function summaryOf(nodes: readonly RoomNode[], role: RoomNode['role']): string {
  const ofRole = nodes.filter((node) => node.role === role);
  const ready = ofRole.filter(({ state }) => state === 'ready').length;
  return `${ready} of ${plural(ofRole.length, role)} ready`;
}

type RowProps = { readonly node: RoomNode; readonly own: string };

const NodeRow = memo(({ node, own }: RowProps) => {
  const { name, role, state, isInRound, skewMs, heardAtMs, software } = node;
  const isOff = skewMs !== undefined && Math.abs(skewMs) > SKEW_MS_MAX;
  return (
    <tr>
      <th scope="row">
        {name}
        {!name.startsWith(role) && <span class="role"> {role}</span>}
      </th>
      <td>
        <span class={`state state-${state.replace(' ', '-')}`}>
          <span aria-hidden="true">{STATES[state].sign}</span> {state}
        </span>
      </td>
      <td>{role === 'keeper' ? '' : isInRound ? 'yes' : 'no'}</td>
      <td class={isOff ? 'bad' : ''}>{skewMs === undefined ? '–' : formatSkew(skewMs)}</td>
      <td>{heardAtMs === undefined ? '–' : <Time atMs={heardAtMs} withDay={false} />}</td>
      <td class={software !== undefined && software !== own ? 'bad' : ''}>{software ?? '–'}</td>
    </tr>
  );
});
