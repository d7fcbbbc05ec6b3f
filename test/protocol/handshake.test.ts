import { expect } from 'chai';
import { decodeMessage, encodeMessage } from '../../src/protocol/codec.js';
import {
  EXPORTER_BYTES,
  makeHello,
  TALLY_NAME,
  tallyFault,
  welcomeNode,
  type Hello,
} from '../../src/protocol/handshake.js';
import { STRANGER_FRAME_BYTES_MAX } from '../../src/protocol/limits.js';
import { TEST_NETWORK_ID, testIdentity, testNetwork } from '../support/test-network.js';

const { network } = testNetwork();
const networkId = TEST_NETWORK_ID;
const exporter = new Uint8Array(EXPORTER_BYTES).fill(5);
const otherExporter = new Uint8Array(EXPORTER_BYTES).fill(6);
const OTHER_NETWORK_ID = 'cd'.repeat(32);

const NOT_PROVEN = 'it could not prove the identity that network.yaml gives it';
const OTHER_FILE = 'its network.yaml differs from this one: all nodes must have the same file, to the byte';

function nodeHello(name: string, changes: { networkId?: string; signer?: string } = {}): Hello {
  const identity = testIdentity(changes.signer ?? name);
  return makeHello('node', { name, networkId: changes.networkId ?? networkId, identity }, exporter);
}

function welcome(hello: Hello, channel = exporter) {
  return welcomeNode(hello, { network, networkId, exporter: channel });
}

const tallyHello = makeHello(
  'tally',
  { name: TALLY_NAME, networkId, identity: testIdentity('tally') },
  exporter,
);

function faultOfTally(hello: Hello, channel = exporter): string | undefined {
  return tallyFault(hello, { network, networkId, exporter: channel });
}

describe("a node's hello", () => {
  it('tells the tally who it is and what it does', () => {
    expect(welcome(nodeHello('keeper-2'))).to.deep.equal({ role: 'keeper', name: 'keeper-2' });
    expect(welcome(nodeHello('collector-3'))).to.deep.equal({ role: 'collector', name: 'collector-3' });
  });

  it('fits in the frame that strangers may send, whatever its name', () => {
    const name = 'n'.repeat(64);
    const hello = makeHello('node', { name, networkId, identity: testIdentity('keeper-1') }, exporter);
    const frame = encodeMessage(hello);
    expect(frame.length).to.be.at.most(STRANGER_FRAME_BYTES_MAX);
    expect(decodeMessage(frame)).to.deep.equal({ message: hello });
  });

  it('is worth nothing on another connection', () => {
    expect(welcome(nodeHello('keeper-1'), otherExporter)).to.deep.equal({ fault: NOT_PROVEN });
  });

  it('must be signed by the identity that network.yaml gives its name', () => {
    expect(welcome(nodeHello('keeper-1', { signer: 'keeper-2' }))).to.deep.equal({ fault: NOT_PROVEN });
    expect(welcome({ ...nodeHello('keeper-1'), name: 'keeper-2' })).to.deep.equal({ fault: NOT_PROVEN });
    expect(welcome({ ...nodeHello('keeper-1'), signature: '00'.repeat(64) })).to.deep.equal({
      fault: NOT_PROVEN,
    });
  });

  it('must be of a node of network.yaml', () => {
    expect(welcome(nodeHello('keeper-9'))).to.deep.equal({ fault: 'network.yaml has no node of its name' });
    expect(welcome(nodeHello(TALLY_NAME))).to.deep.equal({ fault: 'network.yaml has no node of its name' });
  });

  it('must be of the same network', () => {
    expect(welcome(nodeHello('keeper-1', { networkId: OTHER_NETWORK_ID }))).to.deep.equal({
      fault: OTHER_FILE,
    });
    expect(welcome({ ...nodeHello('keeper-1', { networkId: OTHER_NETWORK_ID }), networkId })).to.deep.equal({
      fault: NOT_PROVEN,
    });
    expect(welcome(nodeHello('keeper-9', { networkId: OTHER_NETWORK_ID }))).to.deep.equal({
      fault: 'its network.yaml differs from this one',
    });
  });

  it('must be of the same version, and the refusal names both', () => {
    expect(welcome({ ...nodeHello('keeper-1'), version: 2 })).to.deep.equal({
      fault: 'it speaks protocol version 2, this node version 1',
    });
  });

  it("is not the tally's, which has the same fields", () => {
    const asTally = makeHello(
      'tally',
      { name: 'keeper-1', networkId, identity: testIdentity('keeper-1') },
      exporter,
    );
    expect(welcome(asTally)).to.deep.equal({ fault: NOT_PROVEN });
  });
});

describe("the tally's hello", () => {
  it('proves that it is the tally of network.yaml', () => {
    expect(faultOfTally(tallyHello)).to.equal(undefined);
  });

  it('is worth nothing on another connection, so nobody in the middle can pass it on', () => {
    expect(faultOfTally(tallyHello, otherExporter)).to.equal(NOT_PROVEN);
  });

  it("is not made by any other node, nor is a node's hello sent back", () => {
    const byKeeper = makeHello(
      'tally',
      { name: TALLY_NAME, networkId, identity: testIdentity('keeper-1') },
      exporter,
    );
    expect(faultOfTally(byKeeper)).to.equal(NOT_PROVEN);
    expect(faultOfTally(nodeHello('keeper-1'))).to.equal(NOT_PROVEN);
    const asNode = makeHello(
      'node',
      { name: TALLY_NAME, networkId, identity: testIdentity('tally') },
      exporter,
    );
    expect(faultOfTally(asNode)).to.equal(NOT_PROVEN);
  });

  it('must be of the same network and version', () => {
    expect(faultOfTally({ ...tallyHello, networkId: OTHER_NETWORK_ID })).to.equal(OTHER_FILE);
    expect(faultOfTally({ ...tallyHello, version: 0 })).to.equal(
      'it speaks protocol version 0, this node version 1',
    );
  });
});
