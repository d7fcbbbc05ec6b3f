import { expect } from 'chai';
import { type Message, type RoundMessage } from '../../src/protocol/messages.js';
import { answerWant, artifactDigest } from '../../src/roles/artifacts.js';
import { Node, type ProposedPlan } from '../../src/roles/node.js';
import { RoundPhases } from '../../src/roles/round-phases.js';
import { encodeNumberTable } from '../../src/roles/number-table.js';
import { testNetwork, testSelf } from '../support/test-network.js';
import { FakeTally } from './fake-tally.js';

const TABLE = encodeNumberTable(new Map([['ExitStreamCount', 10]]));
const LIST = new TextEncoder().encode('example.com\n');
const OTHER_ROUND = '02'.repeat(16);

function knownWithSigmas(table: Uint8Array) {
  const known = testNetwork();
  const privacy = { ...known.network.privacy, sigmasDigest: artifactDigest(table) };
  return { ...known, network: { ...known.network, privacy } };
}

class World {
  readonly tally: FakeTally;
  readonly plans: ProposedPlan[] = [];
  readonly messages: RoundMessage[] = [];
  /** Rounds that the node is in. */
  readonly phases = new RoundPhases();
  isReady = true;
  needs: readonly string[] = [];
  readonly node: Node;

  constructor(known = testNetwork()) {
    this.tally = new FakeTally(known);
    const self = { self: testSelf(known, 'keeper-1'), software: 'software 1' };
    this.node = new Node('keeper', self, this.tally.ports, {
      onPlan: (proposed) => this.plans.push(proposed),
      onMessage: (message) => this.messages.push(message),
      has: (roundId) => this.phases.rounds.some((round) => round.roundId === roundId),
      phases: this.phases,
      isReady: () => this.isReady,
      needs: () => this.needs,
    });
    this.node.start();
    this.tally.connect();
  }

  /** The tally answers what the node asks for. */
  serve(...artifacts: Uint8Array[]): void {
    const byDigest = new Map(artifacts.map((bytes) => [artifactDigest(bytes), bytes]));
    for (const message of this.tally.taken())
      if (message.kind === 'want') this.tally.say(answerWant(byDigest, message));
  }
}

describe('a node', () => {
  it('says how it is when the tally is there, each time, and when it changes', () => {
    const world = new World();
    const first = world.tally.takenOf('status');
    expect({ ...first, nowMs: 0 }).to.deep.equal({
      nowMs: 0,
      kind: 'status',
      isReady: true,
      software: 'software 1',
      parts: [],
    });
    world.isReady = false;
    world.phases.note(OTHER_ROUND, { phase: 'keyed' }, 1);
    world.node.sendStatus();
    expect(world.tally.takenOf('status')).to.include({ isReady: false, roundId: OTHER_ROUND });
    world.tally.reconnect();
    expect(world.tally.takenKinds()).to.deep.equal(['status']);
  });

  it('hands a plan that names no list on at once', () => {
    const world = new World();
    const plan = world.tally.plan();
    const message = world.tally.planMessage(plan);
    world.tally.say(message);
    expect(world.plans).to.have.lengthOf(1);
    expect(world.plans[0]!.plan).to.deep.equal(plan);
    expect(world.plans[0]!.message).to.deep.equal(message);
    expect(world.plans[0]!.sigmaFloor).to.equal(undefined);
    expect(world.plans[0]!.artifacts).to.deep.equal(new Map());
  });

  it('first gets the table of sigmas and the lists, each once', () => {
    const world = new World(knownWithSigmas(TABLE));
    world.needs = [artifactDigest(LIST), artifactDigest(LIST), artifactDigest(TABLE)];
    world.tally.taken();
    world.tally.say(world.tally.planMessage(world.tally.plan()));
    expect(world.plans).to.deep.equal([]);
    world.serve(TABLE, LIST);
    expect(world.plans).to.deep.equal([]);
    world.serve(TABLE, LIST);
    expect(world.plans).to.have.lengthOf(1);
    expect(world.plans[0]!.sigmaFloor).to.deep.equal(new Map([['ExitStreamCount', 10]]));
    expect(world.plans[0]!.artifacts.get(artifactDigest(LIST))).to.deep.equal(LIST);
    expect(world.tally.taken()).to.deep.equal([]);
  });

  it('does not need the table where noise is off', () => {
    const world = new World(knownWithSigmas(TABLE));
    world.tally.say(world.tally.planMessage(world.tally.plan({ noise: 'off' })));
    expect(world.plans).to.have.lengthOf(1);
    expect(world.plans[0]!.sigmaFloor).to.equal(undefined);
  });

  it('takes a table that can not be read for one that allows no sigma', () => {
    const broken = new TextEncoder().encode('ExitStreamCount: 10');
    const world = new World(knownWithSigmas(broken));
    world.tally.say(world.tally.planMessage(world.tally.plan()));
    world.serve(broken);
    expect(world.plans[0]!.sigmaFloor).to.deep.equal(new Map());
  });

  it('declines where the tally does not have what its plan names', () => {
    const world = new World(knownWithSigmas(TABLE));
    const plan = world.tally.plan();
    world.tally.say(world.tally.planMessage(plan));
    world.serve();
    expect(world.tally.takenOf('decline')).to.include({ roundId: plan.roundId, code: 'artifact-missing' });
    expect(world.tally.warnings).to.deep.equal([
      `warn: round ${plan.roundId}: refused, the list or table with digest ${artifactDigest(TABLE)} can't be had from the tally`,
    ]);
    expect(world.plans).to.deep.equal([]);
    world.tally.say(world.tally.planMessage(plan));
    world.serve(TABLE);
    expect(world.plans, 'the plan may come again').to.have.lengthOf(1);
  });

  it('asks once for a plan that comes twice, and for the newer of two plans', () => {
    const world = new World(knownWithSigmas(TABLE));
    world.tally.taken();
    const message = world.tally.planMessage(world.tally.plan());
    world.tally.say(message).say(message);
    expect(world.tally.takenKinds()).to.deep.equal(['want']);
    const newer = world.tally.plan({ roundId: OTHER_ROUND });
    world.tally.say(world.tally.planMessage(newer));
    world.serve(TABLE);
    expect(world.plans.map(({ plan }) => plan.roundId)).to.deep.equal([OTHER_ROUND]);
  });

  it('asks again after the connection was lost', () => {
    const world = new World(knownWithSigmas(TABLE));
    world.tally.say(world.tally.planMessage(world.tally.plan()));
    world.tally.reconnect();
    world.serve(TABLE);
    expect(world.plans).to.have.lengthOf(1);
  });

  const forged: Record<string, (tally: FakeTally) => Message> = {
    'of a keeper': (tally) => tally.planMessage(tally.plan(), { by: 'keeper-2' }),
    'under another round id': (tally) => ({ ...tally.planMessage(tally.plan()), roundId: OTHER_ROUND }),
    'with one byte changed': (tally) => {
      const message = tally.planMessage(tally.plan());
      message.parts[0]![200]! ^= 1;
      return message;
    },
    'that is empty': (tally) => ({ ...tally.planMessage(tally.plan()), parts: [new Uint8Array(0)] }),
  };
  for (const [what, forge] of Object.entries(forged)) {
    it(`declines a plan ${what}, and fetches nothing for it`, () => {
      const world = new World(knownWithSigmas(TABLE));
      world.tally.taken();
      const message = forge(world.tally) as RoundMessage;
      world.tally.say(message);
      const sent = world.tally.taken();
      expect(sent.map(({ kind }) => kind)).to.deep.equal(['decline']);
      expect(sent[0]).to.include({ roundId: message.roundId, code: 'not-genuine' });
      expect(world.tally.warnings).to.deep.equal([
        `warn: round ${message.roundId}: refused, the tally of network.yaml did not sign its plan`,
      ]);
    });
  }

  it('hands all messages of rounds that it is in on, plans among them', () => {
    const world = new World();
    const plan = world.tally.plan();
    world.phases.note(plan.roundId, { phase: 'keyed' }, 1);
    world.tally.say(world.tally.planMessage(plan)).say(world.tally.end(plan));
    expect(world.messages.map(({ kind }) => kind)).to.deep.equal(['plan', 'end']);
    expect(world.plans).to.deep.equal([]);
  });

  it('declines what is of a round that it is not in, but its end', () => {
    const world = new World();
    const plan = world.tally.plan();
    const proposal: Message = { kind: 'proposal', roundId: OTHER_ROUND, parts: [new Uint8Array(80)] };
    world.tally.taken();
    world.tally.say(world.tally.end(plan)).say(proposal);
    const sent = world.tally.taken();
    expect(sent).to.have.lengthOf(1);
    expect(sent[0]).to.include({ kind: 'decline', roundId: OTHER_ROUND, code: 'out-of-order' });
    expect(world.tally.warnings).to.deep.equal([
      `warn: round ${OTHER_ROUND}: a proposal of a round that this node takes no part in`,
    ]);
  });

  const misplaced: Message[] = [
    { kind: 'refused', reason: 'no', parts: [] },
    { kind: 'status', isReady: true, software: 'x', nowMs: 0, parts: [] },
    { kind: 'want', digest: 'ee'.repeat(32), offset: 0, parts: [] },
    {
      kind: 'hello',
      version: 1,
      networkId: 'ab'.repeat(32),
      name: 'tally',
      signature: '00'.repeat(64),
      parts: [],
    },
  ];
  for (const message of misplaced) {
    it(`says that a ${message.kind} has no place here, and nothing else`, () => {
      const world = new World();
      world.tally.taken();
      world.tally.say(message);
      expect(world.tally.taken()).to.deep.equal([]);
      expect(world.tally.warnings).to.deep.equal([
        `warn: the tally sent a ${message.kind}, which has no place here`,
      ]);
    });
  }

  it('takes no piece that it did not ask for', () => {
    const world = new World();
    world.tally.say({ kind: 'piece', digest: artifactDigest(LIST), offset: 0, total: 12, parts: [LIST] });
    expect(world.tally.cache.kept.size).to.equal(0);
    expect(world.tally.warnings).to.deep.equal([]);
  });
});
