/**
 * A keeper of the simulation: the machine in a shell that does what src/roles/keeper.ts and keeper-round-driver.ts do, and a
 * disk with the inputs that changed its round.
 */
import { isDeepStrictEqual } from 'node:util';
import { sumsOfMasks } from '../../src/protocol/keeper-answer.js';
import { beginKeeperRound, resumeKeeperRound } from '../../src/protocol/keeper-begin.js';
import { stepKeeper } from '../../src/protocol/keeper-round.js';
import {
  keeperWakeMs,
  type KeeperEffect,
  type KeeperInput,
  type KeeperRound,
  type KeeperStep,
} from '../../src/protocol/keeper-state.js';
import { type MessageOf, type RoundMessage } from '../../src/protocol/messages.js';
import { decline } from '../../src/protocol/round.js';
import { runOut } from '../support/run-out.js';
import { SimulatedAlarm, type SpeakingPorts } from './simulated-node.js';

type Entry = { readonly atMs: number; readonly message: RoundMessage };
type Disk = {
  readonly plan: MessageOf<'plan'>;
  readonly secretKey: Uint8Array;
  readonly atMs: number;
  readonly entries: Entry[];
};

const SUM_MS_MAX = 500;

export class SimulatedKeeper {
  /** Everything that it sent. */
  readonly sent: RoundMessage[] = [];
  readonly #ports: SpeakingPorts;
  #disk: Disk | undefined;
  #hasSeen = false;
  #state: KeeperRound | undefined;
  /** As it was when it was killed. */
  #lost: KeeperRound | undefined;
  #alarm: SimulatedAlarm | undefined;

  constructor(ports: SpeakingPorts) {
    this.#ports = ports;
  }

  get phase(): string {
    return this.#state?.phase ?? 'ended';
  }

  die(): void {
    this.#lost = this.#state;
    this.#state = undefined;
  }

  boot(): void {
    this.#alarm = new SimulatedAlarm(this.#ports, () => this.#step({ kind: 'wake' }));
    if (this.#disk === undefined) return;
    const { plan, secretKey, atMs, entries } = this.#disk;
    const given = { secretKey: secretKey.slice(), nowMs: atMs };
    let state = resumeKeeperRound(this.#ports.self, plan, given)!;
    for (const entry of entries) {
      const input = { kind: 'message', message: entry.message } as const;
      state = stepKeeper(this.#ports.self, state, input, entry.atMs).state;
    }
    if (!isDeepStrictEqual(lasting(state), lasting(this.#lost)))
      throw new Error(`${this.#ports.self.name} is not again what it was`);
    this.#settle({ state, effects: [] });
  }

  receive(message: RoundMessage): void {
    if (this.#state !== undefined) this.#step({ kind: 'message', message });
    else if (message.kind === 'plan') this.#begin(message);
    else if (message.kind !== 'end') {
      this.#ports.send(decline(message.roundId, 'out-of-order', 'takes no part').message);
    }
  }

  #begin(plan: MessageOf<'plan'>): void {
    const nowMs = this.#ports.nowMs();
    const secretKey = this.#ports.random.bytes(32);
    const given = { secretKey: secretKey.slice(), sigmaFloor: undefined, isSeen: this.#hasSeen, nowMs };
    const begun = beginKeeperRound(this.#ports.self, plan, given);
    this.#state = begun.state;
    if (begun.state.phase !== 'ended') {
      this.#hasSeen = true;
      this.#disk = { plan, secretKey, atMs: nowMs, entries: [] };
      this.#ports.mayDie();
    }
    this.#settle(begun);
  }

  #step(input: KeeperInput): void {
    const before = this.#state;
    if (before === undefined) return;
    const nowMs = this.#ports.nowMs();
    const step = stepKeeper(this.#ports.self, before, input, nowMs);
    this.#state = step.state;
    const isKept = input.kind === 'message' && input.message.kind !== 'certificate';
    if (isKept && step.state !== before && step.state.phase !== 'ended') {
      this.#disk!.entries.push({ atMs: nowMs, message: input.message });
      this.#ports.mayDie();
    }
    this.#settle(step);
  }

  #settle({ state, effects }: KeeperStep): void {
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    if (this.#state !== state) return;
    this.#alarm!.set(keeperWakeMs(state));
    if (state.phase !== 'ended') return;
    this.#disk = undefined;
    this.#state = undefined;
  }

  #perform(effect: KeeperEffect): void {
    switch (effect.kind) {
      case 'send':
        this.sent.push(effect.message);
        this.#ports.send(effect.message);
        break;
      case 'wipe':
        for (const secret of effect.secrets) secret.fill(0);
        break;
      case 'sum':
        this.#ports.after(this.#ports.random.below(SUM_MS_MAX), () => {
          // The round may have ended meanwhile, and its seeds are wiped.
          if (this.#state !== undefined)
            this.#step({ kind: 'summed', sums: runOut(sumsOfMasks(effect.state)) });
        });
        break;
      case 'persist-vote':
      case 'log':
        break;
    }
  }
}

/** Of a state all but what is asked for again. */
function lasting(state: KeeperRound | undefined): unknown {
  if (state?.phase !== 'voted') return state;
  return { ...state, answer: undefined, asked: undefined };
}
