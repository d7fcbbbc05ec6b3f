/**
 * Who is at the other end (doc/protocol.md, "Handshake").
 *
 * TLS 1.3 to the tally's pinned key comes first. Then both sides sign the channel's exporter value (RFC 9266,
 * tls-exporter) with their identities: a hello can't be carried over to another connection, so nobody in the middle can
 * pass it on. The node speaks first; the tally says nothing but why it refuses to anybody it does not know.
 */
import { encodeParts } from '../core/parts.js';
import { fromHex, toHex } from '../core/hex.js';
import { type Network } from '../core/network.js';
import { isSignedBy, type Identity } from '../crypto/identity.js';
import { PROTOCOL_VERSION } from './limits.js';
import { type MessageOf } from './messages.js';

/** RFC 9266, section 2: label, no context, 32 bytes. */
export const EXPORTER_LABEL = 'EXPORTER-Channel-Binding';
export const EXPORTER_BYTES = 32;

/** The tally's name in hellos and logs; no node of network.yaml may have it. */
export const TALLY_NAME = 'tally';

type Side = 'tally' | 'node';

export type Hello = MessageOf<'hello'>;
export type NodeRole = 'keeper' | 'collector';

function helloBytes(
  side: Side,
  hello: { networkId: string; name: string },
  exporter: Uint8Array,
): Uint8Array {
  return encodeParts(['privcount hello 1', side, hello.networkId, hello.name, exporter]);
}

/** The first message of either side. */
export function makeHello(
  side: Side,
  { name, networkId, identity }: { name: string; networkId: string; identity: Identity },
  exporter: Uint8Array,
): Hello {
  const signature = toHex(identity.sign(helloBytes(side, { networkId, name }, exporter)));
  return { kind: 'hello', version: PROTOCOL_VERSION, networkId, name, signature, parts: [] };
}

/** What is wrong with a hello whose signer's key is known; undefined if it is good. */
function helloFault(
  hello: Hello,
  wanted: { side: Side; networkId: string; publicKey: string; exporter: Uint8Array },
): string | undefined {
  if (hello.version !== PROTOCOL_VERSION) {
    return `it speaks protocol version ${hello.version}, this node version ${PROTOCOL_VERSION}`;
  }
  if (hello.networkId !== wanted.networkId) {
    return 'its network.yaml differs from this one: all nodes must have the same file, to the byte';
  }
  const bytes = helloBytes(wanted.side, hello, wanted.exporter);
  return isSignedBy(wanted.publicKey, bytes, fromHex(hello.signature))
    ? undefined
    : 'it could not prove the identity that network.yaml gives it';
}

export type Welcome = { readonly role: NodeRole; readonly name: string } | { readonly fault: string };

/** The tally's look at a node's hello. */
export function welcomeNode(
  hello: Hello,
  { network, networkId, exporter }: { network: Network; networkId: string; exporter: Uint8Array },
): Welcome {
  const keeper = network.keepers.find(({ name }) => name === hello.name);
  const collector = network.collectors.find(({ name }) => name === hello.name);
  const publicKey = keeper?.identity ?? collector?.identity;
  if (publicKey === undefined) {
    const isOtherNetwork = hello.networkId !== networkId;
    return {
      fault: isOtherNetwork
        ? 'its network.yaml differs from this one'
        : 'network.yaml has no node of its name',
    };
  }
  const fault = helloFault(hello, { side: 'node', networkId, publicKey, exporter });
  if (fault !== undefined) return { fault };
  return { role: keeper === undefined ? 'collector' : 'keeper', name: hello.name };
}

/** A node's look at the tally's hello: the fault, or undefined if this is the tally of network.yaml. */
export function tallyFault(
  hello: Hello,
  { network, networkId, exporter }: { network: Network; networkId: string; exporter: Uint8Array },
): string | undefined {
  return helloFault(hello, { side: 'tally', networkId, publicKey: network.tallyServer.identity, exporter });
}
