/** The tally's daemon: waits for nodes, opens rounds as configured, drives tally-round.ts, writes the results. */
import { type DelayRule } from '../privacy/delay-rule.js';
import { TALLY_NAME } from '../protocol/handshake.js';
import { isRoundMessage, type Message, type MessageOf } from '../protocol/messages.js';
import { type Self } from '../protocol/round.js';
import { Alarm } from './alarm.js';
import { answerWant } from './artifacts.js';
import { type Listening } from './channel-ports.js';
import { Farewell, FAREWELL_MS_MAX } from './farewell.js';
import { OpenRound, resumedRounds, type FinishedRound, type OpenRoundEvents } from './open-round.js';
import { Peers, type PeerEvents } from './peers.js';
import { strictestRule } from './privacy-memory.js';
import { proposeRound } from './proposed-round.js';
import { Reminder } from './reminder.js';
import { RoundPhases, statusOfSelf } from './round-phases.js';
import {
  endsChange,
  readEnds,
  readSeries,
  seriesAfter,
  seriesChange,
  type Series,
  type TallySummary,
} from './series.js';
import { settingsChanges } from './settings-changes.js';
import { tallyStatus } from './status-board.js';
import { type StatusNotes } from './status-reporter.js';
import { type TallySettings } from './tally-plan.js';
import { type TallyPorts } from './tally-ports.js';
import { waitingFor } from './tally-readiness.js';
import { resultsOf } from './tally-results.js';

/** Whether a plan that had objections has none any more is looked at this often. */
const OBJECTION_RETRY_MS = 1_000;

export class Tally {
  readonly #self: Self;
  readonly #software: string;
  #settings: TallySettings;
  readonly #ports: TallyPorts;
  readonly #peers: Peers;
  readonly #settling: Alarm;
  readonly #reminder: Reminder;
  readonly #phases = new RoundPhases();
  readonly #status: StatusNotes;
  readonly #ends: Map<string, MessageOf<'end'>>;
  readonly #farewell: Farewell;
  #round: OpenRound | undefined;
  #settledAtMs: number | undefined;
  /** The last plan had objections: it is not made again before. */
  #retryAtMs = 0;
  #waitingFor = '';
  #objections = '';
  #series: Series;
  #onDone: { resolve(summary: TallySummary): void; reject(error: unknown): void } | undefined;
  #listening: Listening | undefined;

  constructor(self: Self, software: string, settings: TallySettings, ports: TallyPorts) {
    this.#self = self;
    this.#software = software;
    this.#settings = settings;
    this.#ports = ports;
    this.#series = readSeries(ports.store) ?? { released: 0, aborted: 0, notBeforeMs: settings.startAfterMs };
    this.#ends = readEnds(ports.store);
    this.#farewell = new Farewell(ports.clock);
    const { network, id: networkId } = self.known;
    const events: PeerEvents = {
      onConnected: (name) => {
        this.#round?.step({ kind: 'connected', name });
        this.#status.note();
      },
      onDisconnected: (name) => {
        this.#round?.step({ kind: 'disconnected', name });
        this.#consider();
        this.#status.note();
      },
      onMessage: (name, message) => this.#take(name, message),
    };
    this.#peers = new Peers({ identity: self.identity, network, networkId }, ports.log, events, ports.clock);
    this.#settling = new Alarm(ports.clock, () => this.#consider());
    this.#reminder = new Reminder(ports, () => (this.#round === undefined ? this.#waitingFor : ''));
    this.#status = this.#openStatus(software, ports);
  }

  #openStatus(software: string, ports: TallyPorts): StatusNotes {
    const { network } = this.#self.known;
    const about = { name: TALLY_NAME, network, software, startedAtMs: ports.clock.nowMs() };
    return ports.openStatus(() =>
      tallyStatus(statusOfSelf(about, this.#phases.withProgress(this.#round), ports), {
        peers: this.#peers.health(),
        waitingFor: this.#waitingFor,
        objections: this.#objections,
      }),
    );
  }

  /** Runs the configured rounds. Rejects if it can't listen, or can't write results. */
  async run(): Promise<TallySummary> {
    const done = new Promise<TallySummary>((resolve, reject) => (this.#onDone = { resolve, reject }));
    this.#listening = await this.#ports.listener.listen(this.#settings.listen, (channel) =>
      this.#peers.accept(channel),
    );
    this.#ports.log.info(`listening at port ${this.#settings.listen.port}; waiting for nodes`);
    this.#reminder.start();
    this.#status.note();
    this.#resume();
    this.#consider();
    try {
      return await done;
    } finally {
      this.#onDone = undefined;
      await this.close();
    }
  }

  /** Reads its settings again, for the next round; those of the round under way stay. */
  reload(): void {
    if (this.#round !== undefined) {
      this.#ports.log.info('the configuration is read again when the round under way is over');
      return;
    }
    if (this.#farewell.isUnderWay) {
      this.#ports.log.info('the configuration is not read again: the rounds are over');
      return;
    }
    this.#reread();
    this.#consider();
  }

  /** A round that is under way stays on the disk. */
  async close(): Promise<void> {
    this.#round?.close();
    this.#status.close();
    this.#settling.set(undefined);
    this.#farewell.close();
    this.#reminder.close();
    this.#peers.closeAll();
    await this.#listening?.close();
  }

  #take(name: string, message: Message): void {
    const { log } = this.#ports;
    if (isRoundMessage(message)) {
      const { kind, roundId } = message;
      if (this.#round?.roundId === roundId) {
        this.#round.step({ kind: 'message', from: name, message });
        this.#status.note();
      } else log.debug(`${name} sent a ${kind} of a round that is not open`);
      return;
    }
    switch (message.kind) {
      case 'status':
        this.#tellEnd(name, message);
        this.#consider();
        this.#status.note();
        break;
      case 'want':
        this.#peers.send(name, answerWant(this.#settings.artifacts, message));
        break;
      case 'hello':
      case 'refused':
      case 'piece':
        log.warn(`${name} sent a ${message.kind}, which has no place here`);
    }
  }

  /** A node that takes part in a round which ended while it was away. */
  #tellEnd(name: string, { roundId }: MessageOf<'status'>): void {
    const end = roundId === undefined ? undefined : this.#ends.get(roundId);
    if (end !== undefined) this.#peers.send(name, end);
    this.#farewell.noteTold(name);
  }

  /** Opens a round if one is due and enough nodes are there; first waits a while for those that are not. */
  #consider(): void {
    const isOver = this.#roundsDone() >= this.#settings.rounds;
    if (this.#round !== undefined || this.#onDone === undefined || isOver) return;
    const nowMs = this.#ports.clock.nowMs();
    // Every status of a node leads here, and a plan of thousands of counters takes long to check.
    if (nowMs < this.#retryAtMs) return;
    const { needed, absent } = waitingFor(this.#self.known.network, this.#peers.list());
    const isEarly = nowMs < this.#series.notBeforeMs;
    if (needed !== undefined || isEarly) {
      this.#settledAtMs = undefined;
      this.#settling.set(isEarly ? this.#series.notBeforeMs : undefined);
      this.#waitingFor = needed ?? 'the time when the next round may begin';
      return;
    }
    this.#settledAtMs ??= nowMs + this.#settings.settleMs;
    if (absent.length > 0 && nowMs < this.#settledAtMs) {
      this.#waitingFor = absent.join(', ');
      this.#settling.set(this.#settledAtMs);
      return;
    }
    this.#open(nowMs);
  }

  #roundsDone(): number {
    return this.#series.released + this.#series.aborted;
  }

  #open(nowMs: number): void {
    this.#settledAtMs = undefined;
    const peers = this.#peers.list();
    const circumstances = { settings: this.#settings, peers, rule: this.#rule(), nowMs };
    const { plan, privacy, objections, warning } = proposeRound(this.#self, this.#ports, circumstances);
    if (objections !== '') {
      if (objections !== this.#objections) this.#ports.log.warn(`no round is opened: ${objections}`);
      this.#objections = objections;
      this.#waitingFor = 'other collectors, another configuration, or the time when a round may begin';
      this.#settling.set((this.#retryAtMs = nowMs + OBJECTION_RETRY_MS));
      return;
    }
    this.#objections = '';
    this.#ports.memory.accept(plan, privacy, nowMs);
    if (warning !== undefined) this.#ports.log.warn(warning);
    const connected = new Set(peers.map(({ name }) => name));
    const keep = (round: OpenRound): void => void (this.#round = round);
    OpenRound.begin(this.#self, this.#ports, this.#roundEvents(), { plan, connected, keep });
  }

  #roundEvents(): OpenRoundEvents {
    return {
      send: (to, message) => {
        this.#farewell.noteAsked(to);
        this.#peers.send(to, message);
      },
      onPhase: (phase) => this.#notePhase(phase),
      onFinish: (finished) => this.#finish(finished),
    };
  }

  #notePhase(phase: string): void {
    const round = this.#round;
    if (round !== undefined) this.#phases.note(round.roundId, { phase }, this.#ports.clock.nowMs());
    this.#status.note();
  }

  /** Goes on with the round that was under way when the tally ended. */
  #resume(): void {
    for (const round of resumedRounds(this.#self, this.#ports, this.#roundEvents())) {
      this.#round = round;
      for (const name of round.nodes) this.#farewell.noteAsked(name);
      this.#notePhase(round.phase);
      round.goOn();
    }
  }

  #rule(): DelayRule {
    return strictestRule(this.#self.known.network, this.#settings.ownDelay);
  }

  /** What is counted next, how, and how often, may have been changed since the last round. */
  #reread(): void {
    const settings = this.#ports.readSettings();
    for (const change of settingsChanges(this.#settings, settings))
      this.#ports.log.info(`read again for the next round: ${change}`);
    this.#settings = settings;
  }

  #finish({ outcome, facts, openedAtMs, end, removal }: FinishedRound): void {
    const files = resultsOf(
      { outcome, facts, openedAtMs },
      { self: this.#self, software: this.#software, settings: this.#settings, peers: this.#peers.list() },
    );
    if (outcome.kind === 'released')
      this.#ports.memory.give(facts.plan, { rule: this.#rule() }, outcome.endedAtMs);
    this.#round = undefined;
    try {
      this.#ports.writeResults(files);
    } catch (error) {
      this.#onDone?.reject(error);
      this.#onDone = undefined;
      return;
    }
    const { roundId } = facts.plan;
    this.#ports.log.info(`round ${roundId}: results are in ${(files.tallies ?? files.outcome).name}`);
    this.#series = seriesAfter(this.#series, outcome, facts.plan);
    this.#phases.end(roundId, outcome.kind, outcome.endedAtMs);
    this.#status.note();
    this.#reread();
    const isDone = this.#roundsDone() >= this.#settings.rounds;
    const series = seriesChange(isDone ? undefined : this.#series);
    this.#ports.store.write([...removal, series, endsChange(this.#ends, end)]);
    this.#farewell.noteEnd(new Set(this.#peers.list().map(({ name }) => name)));
    if (isDone) this.#sayFarewell();
    else this.#consider();
  }

  #sayFarewell(): void {
    const { released, aborted } = this.#series;
    const { wish } = this.#farewell;
    if (wish !== '') {
      this.#waitingFor = wish;
      this.#ports.log.info(`waits up to ${FAREWELL_MS_MAX / 1000} s for ${wish}`);
    }
    this.#farewell.begin(() => this.#onDone?.resolve({ released, aborted }));
  }
}
