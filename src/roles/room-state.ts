/**
 * What the tally room shows (doc/privacy.md, "What the tally room shows"): the types that its page shares with the tally. Nothing in
 * them is counted at a single node: names, health, times, and totals with their noise.
 */

export type RoomState = {
  readonly about: RoomAbout;
  readonly now: RoomNow;
  /** Every node of network.yaml: keepers, then collectors. */
  readonly nodes: readonly RoomNode[];
  readonly past: RoomPast;
  readonly budget: RoomBudget;
};

/** What of the state is another than before. `nodes`: only those that are. */
export type RoomChanges = { readonly [Part in keyof RoomState]?: RoomState[Part] };

/** What stays while the tally runs. */
export type RoomAbout = {
  readonly network: string;
  readonly networkId: string;
  readonly software: string;
  readonly startedAtMs: number;
  /** Keys that anybody can compute. */
  readonly isTest: boolean;
  readonly isNoiseOff: boolean;
  readonly keepers: number;
  readonly threshold: number;
  readonly collectors: number;
  readonly minCollectors: number;
};

export type RoomNow = {
  /** By the tally's clock. */
  readonly atMs: number;
  /** What the tally does, in words. */
  readonly phase: string;
  readonly rounds: readonly RunningRound[];
  readonly warnings: readonly RoomWarning[];
  /** Rounds that the tally itself would not open, newest first. */
  readonly refusals: readonly RoomRefusal[];
  /** All configured rounds are over: the tally takes no nodes any more. */
  readonly isOver: boolean;
};

export type RunningRound = {
  readonly roundId: string;
  readonly phase: string;
  readonly sinceMs: number;
  readonly endsAtMs?: number;
  /** The nodes that the phase still waits for. */
  readonly waitingFor: readonly string[];
  /** How many it asked. */
  readonly parties: number;
};

/** The same of several nodes is said once. */
export type RoomWarning = {
  /** None if it is about the tally itself. */
  readonly names: readonly string[];
  readonly text: string;
  readonly advice: string;
};

export type RoomRefusal = {
  readonly reason: string;
  readonly fromMs: number;
  /** Absent while it lasts. */
  readonly untilMs?: number;
};

export type RoomNode = {
  readonly name: string;
  readonly role: 'keeper' | 'collector';
  readonly state: 'ready' | 'not ready' | 'silent' | 'away';
  readonly isInRound: boolean;
  readonly software?: string;
  readonly connectedAtMs?: number;
  readonly heardAtMs?: number;
  /** How far its clock is ahead of the tally's, to a second. How fast it answers is not here: that follows from how busy it is. */
  readonly skewMs?: number;
};

export type RoomPast = {
  /** Newest first. */
  readonly rounds: readonly PastRoundLine[];
  readonly faults: readonly { readonly file: string; readonly problem: string }[];
  /** How many older ones are not shown. */
  readonly unread: number;
};

export type PastRoundLine = {
  /** Of the outcome. */
  readonly file: string;
  readonly roundId?: string;
  readonly network?: string;
  readonly outcome: 'released' | 'aborted';
  readonly beginMs: number;
  readonly endMs: number;
  /** Why there are no totals. */
  readonly reason?: string;
  readonly collectors: number;
  readonly leftOut: number;
  readonly noise?: 'on' | 'off';
  /** JSON has no infinity: a string then. */
  readonly epsilon?: number | 'Infinity';
  readonly delta?: number;
};

/** Read when somebody looks at the round. */
export type RoundDetail = {
  readonly line: PastRoundLine;
  readonly culprits: readonly string[];
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
  readonly collectors: readonly string[];
  readonly keepers: readonly string[];
  /** None of an aborted round. */
  readonly counters: readonly CounterDetail[];
  readonly downloads: readonly Download[];
};

export type CounterDetail = {
  readonly name: string;
  readonly meaning?: string;
  /** What the totals are in, and what the bins are in. */
  readonly counted: string;
  readonly binned?: string;
  /** Of the noise in each total; absent if the file does not say. */
  readonly sigma?: number;
  readonly bins: readonly BinDetail[];
};

export type BinDetail = {
  readonly label: string;
  /** Exact, a decimal. */
  readonly total: string;
  /** The ends of the interval of 95 %. */
  readonly low: number;
  readonly high: number;
  /** The noise is as large as the value. */
  readonly isNoisy: boolean;
};

export type Download = { readonly name: string; readonly what: string };

export type RoomBudget = {
  readonly epsilon: number;
  readonly delta: number;
  readonly windowDays: number;
  /** What the rounds of the window that ends now cost together. */
  readonly spentEpsilon: number;
  /** Oldest first: those of the window, and at most so many. */
  readonly entries: readonly BudgetEntry[];
};

export type BudgetEntry = {
  readonly roundId: string;
  readonly atMs: number;
  /** Of this round alone. */
  readonly epsilon: number;
  /** Of the window that ended with it. */
  readonly togetherEpsilon: number;
};
