/**
 * Frames: how a message is written on the wire (doc/protocol.md, "Frames").
 *
 *     header length (4) | header JSON | number of parts (2) | { part length (4) | part } ...
 *
 * All numbers big-endian. Exactly this: a byte too many is a fault. The caller has limited the frame's size already.
 */
import { HEADER_BYTES_MAX, PARTS_MAX } from './limits.js';
import { headerSchema, partCounts, type Header, type Message } from './messages.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function encodeMessage(message: Message): Uint8Array {
  const { parts, ...header } = message;
  const headerBytes = encoder.encode(JSON.stringify(header));
  const length = parts.reduce((sum, part) => sum + 4 + part.length, 4 + headerBytes.length + 2);
  const frame = new Uint8Array(length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, headerBytes.length);
  frame.set(headerBytes, 4);
  let at = 4 + headerBytes.length;
  view.setUint16(at, parts.length);
  at += 2;
  for (const part of parts) {
    view.setUint32(at, part.length);
    frame.set(part, at + 4);
    at += 4 + part.length;
  }
  return frame;
}

/** What a frame says, or the sentence that tells the peer's fault. The parts are views of the frame. */
export type Decoded = { readonly message: Message } | { readonly fault: string };

export function decodeMessage(frame: Uint8Array): Decoded {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 6) return { fault: 'the frame is too short' };
  const headerLength = view.getUint32(0);
  if (headerLength > HEADER_BYTES_MAX)
    return { fault: `the header is longer than ${HEADER_BYTES_MAX} bytes` };
  if (4 + headerLength + 2 > frame.length) return { fault: 'the frame ends within its header' };
  const header = decodeHeader(frame.subarray(4, 4 + headerLength));
  if (header === undefined) return { fault: 'the header is not that of any message' };
  const parts = splitParts(frame, view, 4 + headerLength);
  if (parts === undefined) return { fault: 'the parts do not fill the frame exactly' };
  const [min, max] = partCounts[header.kind];
  if (parts.length < min || parts.length > max) {
    return { fault: `a ${header.kind} has ${min} to ${max} parts, not ${parts.length}` };
  }
  return { message: { ...header, parts } };
}

function decodeHeader(bytes: Uint8Array): Header | undefined {
  let json: unknown;
  try {
    json = JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
  const parsed = headerSchema.safeParse(json);
  return parsed.success ? parsed.data : undefined;
}

function splitParts(frame: Uint8Array, view: DataView, start: number): Uint8Array[] | undefined {
  const count = view.getUint16(start);
  if (count > PARTS_MAX) return undefined;
  const parts: Uint8Array[] = [];
  let at = start + 2;
  for (let part = 0; part < count; part += 1) {
    if (at + 4 > frame.length) return undefined;
    const end = at + 4 + view.getUint32(at);
    if (end > frame.length) return undefined;
    parts.push(frame.subarray(at + 4, end));
    at = end;
  }
  return at === frame.length ? parts : undefined;
}
