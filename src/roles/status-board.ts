/**
 * What a node shows its operator of itself (`privcount status`): who is there, in which phase, what is wrong and what would
 * help. Nothing that is counted, no key, no address: who may read it learns no more than from the log.
 */
import { z } from 'zod';
import { type Network } from '../core/network.js';
import { type NodeRole } from '../protocol/handshake.js';
import { PLAN_AGE_MS_MAX } from '../protocol/limits.js';
import { describeSkew, type PeerHealth, SKEW_MS_MAX } from './peers.js';

/** Another form of the file is another version: 1 had no `waitingFor` and `parties`. */
export const STATUS_VERSION = 2;

const warning = z.strictObject({ text: z.string(), advice: z.string() });
export type StatusWarning = z.infer<typeof warning>;

const node = z.strictObject({
  name: z.string(),
  role: z.enum(['keeper', 'collector']),
  state: z.enum(['ready', 'not ready', 'silent', 'away']),
  roundId: z.string().optional(),
  software: z.string().optional(),
  connectedAtMs: z.number().optional(),
  /** When something came from it last. */
  heardAtMs: z.number().optional(),
  roundTripMs: z.number().optional(),
  skewMs: z.number().optional(),
});
export type NodeStatus = z.infer<typeof node>;

const round = z.strictObject({
  roundId: z.string(),
  phase: z.string(),
  sinceMs: z.number(),
  /** When this phase ends at the latest: counting's end while there is counting, else the phase's deadline. */
  endsAtMs: z.number().optional(),
  /** Of a tally: the nodes that the phase still waits for, and how many it asked. None and 0 at keepers and collectors. */
  waitingFor: z.array(z.string()),
  parties: z.number(),
});
/** How many rounds have ended in each way. */
const endedRounds = z.strictObject({ released: z.number(), aborted: z.number(), unknown: z.number() });
const lastRound = z.strictObject({
  roundId: z.string(),
  outcome: z.enum(['released', 'aborted', 'unknown']),
  endedAtMs: z.number(),
});

export const statusSchema = z.strictObject({
  /** Of this file, so that another version can tell. */
  version: z.literal(STATUS_VERSION),
  role: z.enum(['tally', 'keeper', 'collector']),
  name: z.string(),
  network: z.string(),
  software: z.string(),
  writtenAtMs: z.number(),
  startedAtMs: z.number(),
  /** What the node does now, in words. */
  phase: z.string(),
  rounds: z.array(round),
  lastRound: lastRound.optional(),
  /** Since the node was started. */
  endedRounds,
  /** Of a tally: every node of network.yaml. */
  nodes: z.array(node).optional(),
  /** Of a keeper or collector: since when the tally is there, and whether the node could begin a round. */
  tally: z.strictObject({ connectedAtMs: z.number().optional() }).optional(),
  isReady: z.boolean().optional(),
  warnings: z.array(warning),
});
export type Status = z.infer<typeof statusSchema>;

export type RoundNow = z.infer<typeof round>;
export type LastRound = z.infer<typeof lastRound>;
export type EndedRounds = z.infer<typeof endedRounds>;

/** What every node tells of itself. */
export type StatusOfSelf = {
  readonly name: string;
  readonly network: Network;
  readonly software: string;
  readonly startedAtMs: number;
  readonly nowMs: number;
  /** The rounds that it takes part in. */
  readonly rounds: readonly RoundNow[];
  readonly lastRound: LastRound | undefined;
  readonly endedRounds: EndedRounds;
  /** How far the machine's wall clock is ahead of the node's, which was read when it started. */
  readonly wallOffsetMs: number;
};

/** Two heartbeats and a half: one that is late may be on its way. */
export const SILENT_MS_MIN = 40_000;
/** As between nodes: what is more than this is no slow drift. */
const WALL_OFFSET_MS_MAX = SKEW_MS_MAX;

export function tallyStatus(
  self: StatusOfSelf,
  { peers, waitingFor, objections }: { peers: readonly PeerHealth[]; waitingFor: string; objections: string },
): Status {
  const { network, nowMs, software } = self;
  const connected = new Map(peers.map((peer) => [peer.name, peer]));
  const of = (role: NodeRole, { name }: { name: string }): NodeStatus =>
    nodeStatus({ name, role }, connected.get(name), nowMs);
  const nodes = [
    ...network.keepers.map((keeper) => of('keeper', keeper)),
    ...network.collectors.map((collector) => of('collector', collector)),
  ];
  const idle = waitingFor === '' ? 'idle' : `waiting for ${waitingFor}`;
  const warnings = [...nodes.flatMap((found) => nodeWarnings(found, software))];
  if (objections !== '') {
    warnings.push({
      text: `no round is opened: ${objections}`,
      advice: 'change the configuration, or wait until the time that is named; it is tried again each second',
    });
  }
  return { ...common('tally', self, idle), nodes, warnings: [...commonWarnings(self), ...warnings] };
}

export function nodeStatusBoard(
  role: NodeRole,
  self: StatusOfSelf,
  { tallySinceMs, isReady }: { tallySinceMs: number | undefined; isReady: boolean },
): Status {
  const warnings = commonWarnings(self);
  if (tallySinceMs === undefined) {
    warnings.push({
      text: 'the tally server is not there',
      advice:
        'the log says why; the node tries again by itself. A tally that has ended its rounds is not there either',
    });
  }
  if (!isReady) {
    warnings.push({
      text: 'the event source is not ready, so that this collector is invited to no round',
      advice: 'see the warnings about the event source in the log',
    });
  }
  const idle = tallySinceMs === undefined ? 'connecting' : 'waiting for a round';
  const tally = tallySinceMs === undefined ? {} : { connectedAtMs: tallySinceMs };
  return { ...common(role, self, idle), tally, isReady, warnings };
}

function common(role: Status['role'], self: StatusOfSelf, idle: string): Omit<Status, 'warnings'> {
  const { name, network, software, startedAtMs, nowMs, rounds, lastRound: last, endedRounds: ended } = self;
  return {
    version: STATUS_VERSION,
    role,
    name,
    network: network.name,
    software,
    writtenAtMs: nowMs,
    startedAtMs,
    phase: rounds.at(-1)?.phase ?? idle,
    rounds: [...rounds],
    ...(last === undefined ? {} : { lastRound: last }),
    endedRounds: { ...ended },
  };
}

function commonWarnings({ wallOffsetMs }: StatusOfSelf): StatusWarning[] {
  if (Math.abs(wallOffsetMs) <= WALL_OFFSET_MS_MAX) return [];
  const seconds = Math.round(Math.abs(wallOffsetMs) / 1000);
  const way = wallOffsetMs > 0 ? 'forward' : 'back';
  return [
    {
      text: `the clock of this machine was set ${way} by ${seconds} s since the node was started`,
      advice: 'if the clock is right now, restart the node: it keeps the time that it had when it started',
    },
  ];
}

function nodeStatus(
  { name, role }: { name: string; role: NodeRole },
  peer: PeerHealth | undefined,
  nowMs: number,
): NodeStatus {
  if (peer === undefined) return { name, role, state: 'away' };
  const { status, connectedAtMs, silentMs, roundTripMs, skewMs } = peer;
  const ready = status?.isReady === true ? 'ready' : 'not ready';
  return {
    name,
    role,
    state: silentMs >= SILENT_MS_MIN ? 'silent' : ready,
    ...(status?.roundId === undefined ? {} : { roundId: status.roundId }),
    ...(status === undefined ? {} : { software: status.software }),
    connectedAtMs,
    heardAtMs: Math.round(nowMs - silentMs),
    ...(roundTripMs === undefined ? {} : { roundTripMs: Math.round(roundTripMs) }),
    ...(skewMs === undefined ? {} : { skewMs }),
  };
}

function nodeWarnings({ name, role, state, software, skewMs }: NodeStatus, own: string): StatusWarning[] {
  const warnings: StatusWarning[] = [];
  const warn = (text: string, advice: string): void =>
    void warnings.push({ text: `${name} ${text}`, advice });
  if (state === 'away') {
    warn(
      'is not connected',
      'ask its operator: is it running, and what does its log say? Is its network.yaml the same?',
    );
  } else if (state === 'silent') {
    warn(
      'does not answer heartbeats',
      'its line or its machine is overloaded or gone; it is cut off soon, and comes again',
    );
  } else if (state === 'not ready') {
    warn(
      'is connected, but not ready',
      role === 'collector' ? 'its event source is away: its log says what would help' : 'its log says why',
    );
  }
  if (software !== undefined && software !== own) {
    warn(`runs ${software}, the tally ${own}`, 'run one version at all nodes');
  }
  if (skewMs !== undefined && Math.abs(skewMs) > SKEW_MS_MAX) {
    const limit = PLAN_AGE_MS_MAX / 1000;
    warn(
      `has a clock that is ${describeSkew(skewMs)}`,
      `run NTP at both, and restart the node that was wrong; plans are refused beyond ${limit} s`,
    );
  }
  return warnings;
}
