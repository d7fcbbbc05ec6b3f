/**
 * Rounds of real processes that are killed at each commit of their stores (system/kill-harness.ts). A step is a commit that
 * a node makes in a round, counted over all of its lives; its two points are right before it and right after it.
 */
import { checkRound, type KillFigures } from '../system/kill-checks.js';
import { KillRound, NODES, type Kill } from '../system/kill-harness.js';
import { RandomSource } from '../support/random-source.js';

type Role = keyof typeof NODES;
const ROLES = Object.keys(NODES) as readonly Role[];
type Kills = ReadonlyMap<string, readonly Kill[]>;

/** How often a node is killed in one round. */
const LIVES: Readonly<Record<Role, number>> = { tally: 3, keeper: 3, collector: 2 };
/** A collector that is killed again and again before its first checkpoint is not back before the others have counted. */
const FIRST_CHECKPOINT_STEP = 6;

export type KillSoak = {
  readonly kills: number;
  readonly rounds: number;
  readonly lost: number;
  readonly twice: number;
  readonly counted: number;
  readonly leftOut: number;
  readonly recoveries: readonly number[];
  /** By role: at how many points it was killed, and how many a round without kills has. */
  readonly points: ReadonlyMap<Role, { readonly covered: number; readonly all: number }>;
  /** What did not hold, with the kills of its round. */
  readonly faults: readonly string[];
};

/** Points of one role in an order in which all come up before one comes again. */
class Points {
  readonly steps: number;
  readonly #random: RandomSource;
  #left: Kill[] = [];
  readonly covered = new Set<string>();

  constructor(steps: number, random: RandomSource) {
    this.steps = steps;
    this.#random = random;
  }

  /** So many steps in ascending order, as kills of one life after the other. */
  take(count: number): Kill[] {
    const chosen = Array.from({ length: count }, () => this.#next()).sort((a, b) => a.commit - b.commit);
    let committed = 0;
    return chosen.flatMap(({ commit, when }) => {
      const kill = { commit: commit - committed, when };
      if (kill.commit < 1) return [];
      committed = when === 'after' ? commit : commit - 1;
      return [kill];
    });
  }

  #next(): Kill {
    if (this.#left.length === 0) {
      const all = Array.from({ length: this.steps }, (_, at) =>
        (['before', 'after'] as const).map((when): Kill => ({ commit: at + 1, when })),
      ).flat();
      this.#left = all.filter((point) => !this.covered.has(nameOf(point)));
      if (this.#left.length === 0) this.#left = all;
    }
    return this.#left.splice(this.#random.below(this.#left.length), 1)[0]!;
  }
}

function nameOf({ commit, when }: Kill): string {
  return `${when} ${commit}`;
}

/** The points at which a node was killed, counted over its lives. */
function pointsOf(round: KillRound, name: string): Kill[] {
  let committed = 0;
  return round.lives.get(name)!.flatMap((life) => {
    const last = round.commitsOf(life).at(-1);
    if (last === undefined) return [];
    const { commit, killed } = last;
    const point = killed === undefined ? [] : [{ commit: committed + commit, when: killed }];
    committed += killed === 'before' ? commit - 1 : commit;
    return point;
  });
}

/** Runs a round, checks it, and lets it be looked at before nothing of it is left. */
async function runRound(kills: Kills, look: (round: KillRound) => void): Promise<KillFigures> {
  const round = new KillRound({ kills });
  try {
    await round.start();
    await round.ended();
    const figures = await checkRound(round);
    look(round);
    return figures;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}; killed ${JSON.stringify([...kills])}`, { cause: error });
  } finally {
    await round.stop();
  }
}

/** How many steps each role has in a round in which nothing is killed. */
async function countSteps(): Promise<Map<Role, number>> {
  const steps = new Map<Role, number>();
  await runRound(new Map(), (round) => {
    for (const role of ROLES) {
      const [life] = round.lives.get(NODES[role][0])!;
      steps.set(role, round.commitsOf(life!).length);
    }
  });
  return steps;
}

function choose(points: ReadonlyMap<Role, Points>): Kills {
  return new Map(
    [...points].flatMap(([role, its]) =>
      NODES[role].map((name): [string, Kill[]] => {
        const [first, ...others] = its.take(LIVES[role]);
        const isEarly = role === 'collector' && first!.commit < FIRST_CHECKPOINT_STEP;
        const later = (kill: Kill): Kill => ({ ...kill, commit: kill.commit + FIRST_CHECKPOINT_STEP });
        return [name, [first!, ...(isEarly ? others.map(later) : others)]];
      }),
    ),
  );
}

/** A step that a calm round does not have is no point of it. */
function noteCovered(points: ReadonlyMap<Role, Points>, round: KillRound): void {
  for (const [role, { covered, steps }] of points) {
    const reached = NODES[role].flatMap((name) => pointsOf(round, name));
    for (const point of reached) if (point.commit <= steps) covered.add(nameOf(point));
  }
}

/** Goes on until so many kills have happened; `onRound` is told how far it is. */
export async function soakKills(
  { kills: wanted, seed }: { kills: number; seed: number },
  onRound: (soak: KillSoak) => void,
): Promise<KillSoak> {
  const random = new RandomSource(seed);
  const steps = await countSteps();
  const points = new Map([...steps].map(([role, its]) => [role, new Points(its, random)]));
  const sums = { kills: 0, rounds: 0, lost: 0, twice: 0, counted: 0, leftOut: 0 };
  const recoveries: number[] = [];
  const faults: string[] = [];
  const soFar = (): KillSoak => ({
    ...sums,
    recoveries,
    faults,
    points: new Map(
      [...points].map(([role, { covered, steps }]) => [role, { covered: covered.size, all: 2 * steps }]),
    ),
  });
  const runRounds = async (): Promise<void> => {
    while (sums.kills < wanted && faults.length < FAULTS_MAX) {
      try {
        const figures = await runRound(choose(points), (round) => noteCovered(points, round));
        sums.rounds += 1;
        for (const key of ['kills', 'lost', 'twice', 'counted'] as const) sums[key] += figures[key];
        sums.leftOut += figures.leftOut.length;
        recoveries.push(...figures.recoveries);
      } catch (error) {
        faults.push(error instanceof Error ? error.message : String(error));
      }
      onRound(soFar());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runRounds));
  return soFar();
}

/** Rounds mostly wait. */
const AT_ONCE = 2;
/** More of them say nothing new. */
const FAULTS_MAX = 10;
