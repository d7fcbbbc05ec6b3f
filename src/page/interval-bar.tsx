/** A total as a bar from 0, with its interval as a line: beside the numbers, which say the same. */

const WIDTH = 180;
const HEIGHT = 18;
const EDGE = 3;

type Props = {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** What all bars beside each other reach at most, and at least. */
  readonly most: number;
  readonly least: number;
};

export function IntervalBar({ value, low, high, most, least }: Props) {
  const span = most - least || 1;
  const x = (at: number): number => EDGE + ((at - least) / span) * (WIDTH - 2 * EDGE);
  const middle = HEIGHT / 2;
  return (
    <svg class="interval" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <rect
        class="value"
        x={Math.min(x(0), x(value))}
        width={Math.abs(x(value) - x(0))}
        y={3}
        height={HEIGHT - 6}
      />
      <line class="zero" x1={x(0)} x2={x(0)} y1={0} y2={HEIGHT} />
      {high > low && (
        <path class="range" d={`M${x(low)} ${middle}H${x(high)}M${x(low)} 5v8M${x(high)} 5v8`} />
      )}
    </svg>
  );
}
