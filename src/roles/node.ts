/**
 * What keepers and collectors have in common: the link to the tally, their status, and how a plan is taken up once the
 * lists and tables that it names are there.
 */
import { type SigmaFloor } from '../protocol/check-plan.js';
import { type SensitivityTable } from '../protocol/check-privacy.js';
import { type NodeRole } from '../protocol/handshake.js';
import { isRoundMessage, type Message, type MessageOf, type RoundMessage } from '../protocol/messages.js';
import { type Plan, toPlan } from '../protocol/plan.js';
import { decline, type LogEffect, type Self } from '../protocol/round.js';
import { readStatement } from '../protocol/statements.js';
import { ArtifactFetch } from './artifacts.js';
import { type ArtifactCache, type Log } from './ports.js';
import { decodeNumberTable } from './number-table.js';
import { statusOfSelf, type RoundPhases } from './round-phases.js';
import { nodeStatusBoard } from './status-board.js';
import { type StatusNotes, type StatusPorts } from './status-reporter.js';
import { TallyLink, type TallyLinkPorts } from './tally-link.js';

export type NodePorts = TallyLinkPorts &
  StatusPorts & {
    readonly artifacts: ArtifactCache;
  };

/** A plan of the tally's, and all that it names by digest. Nothing of it is checked yet but the tally's signature. */
export type ProposedPlan = {
  readonly message: MessageOf<'plan'>;
  readonly plan: Plan;
  readonly sigmaFloor: SigmaFloor;
  readonly sensitivities: SensitivityTable;
  readonly artifacts: ReadonlyMap<string, Uint8Array>;
};

export type NodeEvents = {
  /** A plan of a round that `has` does not know. */
  onPlan(proposed: ProposedPlan): void;
  /** Any other message of a round, and repeated plans of rounds that `has` knows. */
  onMessage(message: RoundMessage): void;
  has(roundId: string): boolean;
  /** Which rounds it is in, and whether it could begin another. */
  readonly phases: RoundPhases;
  isReady(): boolean;
  /** The digests of the plan that this node needs besides the tables of network.yaml. */
  needs(plan: Plan): readonly string[];
};

export type NodeSelf = { readonly self: Self; readonly software: string };

export class Node {
  readonly #self: Self;
  readonly #software: string;
  readonly #ports: NodePorts;
  readonly #events: NodeEvents;
  readonly #link: TallyLink;
  readonly #fetch: ArtifactFetch;
  readonly #status: StatusNotes;
  #fetching: string | undefined;

  constructor(role: NodeRole, { self, software }: NodeSelf, ports: NodePorts, events: NodeEvents) {
    this.#self = self;
    this.#software = software;
    this.#ports = ports;
    this.#events = events;
    const { known, name, identity } = self;
    const node = { name, identity, network: known.network, networkId: known.id };
    this.#link = new TallyLink(node, ports, {
      onUp: () => {
        this.sendStatus();
        this.#fetch.resume();
      },
      onMessage: (message) => this.#take(message),
    });
    const about = { name, network: known.network, software, startedAtMs: ports.clock.nowMs() };
    this.#status = ports.openStatus(() =>
      nodeStatusBoard(role, statusOfSelf(about, events.phases, ports), {
        tallySinceMs: this.#link.upSinceMs,
        isReady: events.isReady(),
      }),
    );
    this.#fetch = new ArtifactFetch(ports.artifacts, (message) => this.#link.send(message));
  }

  start(): void {
    this.#status.note();
    this.#link.start();
  }

  close(): void {
    this.#status.close();
    this.#link.close();
  }

  send(message: Message): void {
    this.#link.send(message);
  }

  /** What a person sees of this node has changed, and the tally need not know. */
  noteStatus(): void {
    this.#status.note();
  }

  sendStatus(): void {
    this.#status.note();
    const roundId = this.#events.phases.rounds.at(-1)?.roundId;
    this.#link.send({
      kind: 'status',
      isReady: this.#events.isReady(),
      ...(roundId === undefined ? {} : { roundId }),
      software: this.#software,
      nowMs: this.#ports.clock.nowMs(),
      parts: [],
    });
  }

  #take(message: Message): void {
    if (isRoundMessage(message)) {
      this.#takeOfRound(message);
      return;
    }
    switch (message.kind) {
      case 'piece':
        this.#fetch.take(message);
        return;
      case 'hello':
      case 'refused':
      case 'status':
      case 'want':
        this.#ports.log.warn(`the tally sent a ${message.kind}, which has no place here`);
    }
  }

  #takeOfRound(message: RoundMessage): void {
    if (this.#events.has(message.roundId)) this.#events.onMessage(message);
    else if (message.kind === 'plan') this.#prepareOnce(message);
    else if (message.kind !== 'end') this.#refuseUnknown(message);
  }

  #prepareOnce(message: MessageOf<'plan'>): void {
    if (this.#fetching !== message.roundId) this.#prepare(message);
  }

  #refuseUnknown({ kind, roundId }: RoundMessage): void {
    const reason = `a ${kind} of a round that this node takes no part in`;
    this.#ports.log.warn(`round ${roundId}: ${reason}`);
    this.#link.send(decline(roundId, 'out-of-order', reason).message);
  }

  /** Only for a plan that the tally signed does a node fetch anything. */
  #prepare(message: MessageOf<'plan'>): void {
    const { known } = this.#self;
    const speaker = { publicKey: known.network.tallyServer.identity, networkId: known.id };
    const json = readStatement('plan', message.parts[0]!, speaker);
    if (json?.roundId !== message.roundId) {
      this.#ports.log.warn(
        `round ${message.roundId}: refused, the tally of network.yaml did not sign its plan`,
      );
      this.#link.send(decline(message.roundId, 'not-genuine', 'the plan is not signed by the tally').message);
      return;
    }
    const plan = toPlan(json);
    const { sigmasDigest, sensitivitiesDigest } = known.network.privacy;
    const tables = plan.noise === 'on' ? [sigmasDigest, sensitivitiesDigest] : [];
    const digests = [
      ...new Set([...tables.filter((digest) => digest !== undefined), ...this.#events.needs(plan)]),
    ];
    this.#fetching = message.roundId;
    this.#fetch.fetch({
      digests,
      onDone: (artifacts) => {
        this.#fetching = undefined;
        const [sigmaFloor, sensitivities] = [sigmasDigest, sensitivitiesDigest].map((digest) => {
          const table = plan.noise === 'on' && digest !== undefined ? artifacts.get(digest) : undefined;
          // A table that can't be read allows nothing: an empty one refuses every counter.
          return table && (decodeNumberTable(table) ?? new Map<string, number>());
        });
        this.#events.onPlan({ message, plan, sigmaFloor, sensitivities, artifacts });
      },
      onMissing: (digest) => {
        this.#fetching = undefined;
        const reason = `the list or table with digest ${digest} can't be had from the tally`;
        this.#ports.log.warn(`round ${plan.roundId}: refused, ${reason}`);
        this.#link.send(decline(plan.roundId, 'artifact-missing', reason).message);
      },
    });
  }
}

export function writeLog(log: Log, { level, text }: LogEffect): void {
  log[level](text);
}

export function wipeAll(secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}
