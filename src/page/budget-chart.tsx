/** The budget over the window: a step up at each round, a line at the limit. */
import { type RoomBudget } from '../roles/room-state.js';
import { formatEpsilon } from './format.js';

const SIZE = { width: 720, height: 200 };
const EDGE = { left: 60, right: 16, top: 16, bottom: 28 };
const MS_PER_DAY = 86_400_000;
/** With less room the steps would run into each other. */
const SPAN_MS_MIN = 60_000;

export function BudgetChart({ budget, nowMs }: { readonly budget: RoomBudget; readonly nowMs: number }) {
  const { epsilon, entries, windowDays, spentEpsilon } = budget;
  const firstMs = entries[0]?.atMs ?? nowMs;
  // From the first round on, with some room before it; at most the window.
  const spanMs = Math.min(windowDays * MS_PER_DAY, Math.max(SPAN_MS_MIN, (nowMs - firstMs) * 1.1));
  const most = Math.max(epsilon, ...entries.map(({ togetherEpsilon }) => togetherEpsilon)) * 1.08;
  const x = (atMs: number): number =>
    EDGE.left + (1 - (nowMs - atMs) / spanMs) * (SIZE.width - EDGE.left - EDGE.right);
  const y = (value: number): number =>
    SIZE.height - EDGE.bottom - (value / most) * (SIZE.height - EDGE.top - EDGE.bottom);
  const steps = entries.map(
    ({ atMs, togetherEpsilon }) => `H${x(atMs).toFixed(1)}V${y(togetherEpsilon).toFixed(1)}`,
  );
  const right = x(nowMs);
  const days = spanMs / MS_PER_DAY;
  return (
    <svg
      class="budget-chart"
      viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
      role="img"
      aria-label={`Budget over time: now epsilon ${formatEpsilon(spentEpsilon)} of ${formatEpsilon(epsilon)}. The table has each round.`}
    >
      <line class="axis" x1={EDGE.left} x2={right} y1={y(0)} y2={y(0)} />
      <line class="limit" x1={EDGE.left} x2={right} y1={y(epsilon)} y2={y(epsilon)} />
      <text class="end" x={EDGE.left - 6} y={y(epsilon) + 4}>
        {formatEpsilon(epsilon)}
      </text>
      <text class="end" x={EDGE.left - 6} y={y(0) + 4}>
        0
      </text>
      <text x={EDGE.left + 4} y={y(epsilon) - 5}>
        budget (ε)
      </text>
      <path
        class="spent"
        d={`M${EDGE.left} ${y(0)}${steps.join('')}H${right}V${y(spentEpsilon).toFixed(1)}`}
      />
      {entries.map(({ roundId, atMs, togetherEpsilon }) => (
        <circle key={`${roundId} ${atMs}`} class="round-dot" cx={x(atMs)} cy={y(togetherEpsilon)} r={3.5} />
      ))}
      <text x={EDGE.left} y={SIZE.height - 8}>
        {days >= 2 ? `${days.toFixed(0)} days ago` : `${Math.max(1, Math.round(spanMs / 60_000))} min ago`}
      </text>
      <text class="end" x={right} y={SIZE.height - 8}>
        now
      </text>
    </svg>
  );
}
