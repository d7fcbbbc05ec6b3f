/** Which collectors' reports the tally asks to open: the most that may be, of those that some t keepers hold all seeds of. */
import { setObjection } from './check-plan.js';
import { type Self } from './round.js';
import { type ReleasedSet } from './shapes.js';
import { type InPhase } from './tally-state.js';

export type ChosenSet = {
  readonly set: ReleasedSet;
  /** The keepers that hold the seeds of all of it. */
  readonly electors: readonly string[];
};

/** The set, or why there is none that may be released. */
export function chooseSet(
  self: Self,
  state: InPhase<'collecting'>,
): ChosenSet | { readonly objection: string } {
  const { network } = self.known;
  const reported = [...state.reports.keys()].filter((name) => !state.leftOut.has(name)).sort();
  const keepers = state.roster.keepers.map(({ name }) => name).filter((name) => !state.leftOut.has(name));
  if (keepers.length < network.threshold) {
    return {
      objection: `only ${keepers.length} of the ${network.threshold} keepers that are needed are left`,
    };
  }
  const candidates = subsetsOfSize(keepers, network.threshold)
    .map((electors) =>
      reported.filter((collector) => electors.every((keeper) => isHeldBy(state, collector, keeper))),
    )
    .sort((left, right) => right.length - left.length);
  const objections = candidates.map((names) => setObjection(state.facts.plan, network, names));
  const best = candidates[objections.indexOf(undefined)];
  if (best === undefined) return { objection: objections[0]! };
  const set = best.map((collector) => {
    const { statement, digest } = state.reports.get(collector)!;
    return { collector, generations: statement.generations, report: digest };
  });
  const electors = keepers.filter((keeper) => best.every((collector) => isHeldBy(state, collector, keeper)));
  return { set, electors };
}

/** True if the keeper holds all seeds whose masks are in the report. */
function isHeldBy({ deposits, reports }: InPhase<'collecting'>, collector: string, keeper: string): boolean {
  const { generations } = reports.get(collector)!.statement;
  const itsDeposits = deposits.get(collector)!;
  return generations.every((generation) => itsDeposits.get(generation)!.acknowledgements.has(keeper));
}

function subsetsOfSize(names: readonly string[], size: number): string[][] {
  if (size === 0) return [[]];
  return names.flatMap((name, at) =>
    subsetsOfSize(names.slice(at + 1), size - 1).map((rest) => [name, ...rest]),
  );
}
