/**
 * A relay that is a recording: over a real socket it says byte for byte what a relay said, events between replies included,
 * each reply when the command comes that it was the reply to.
 */
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { type TorAddress } from '../../src/roles/ports.js';
import { type DialogueLine } from '../tor/control/dialogues.js';

/** What the relay says once it has read `command`, up to where it waits for the next: the reply, and events after it. */
type Turn = { readonly command: string; readonly says: readonly string[] };

/** Commands that were sent together are answered one by one, in their order. */
export function toTurns(dialogue: readonly DialogueLine[]): Turn[] {
  const commands = dialogue.filter(({ from }) => from === 'client').map(({ line }) => line);
  const turns: { command: string; says: string[] }[] = [];
  let isInBlock = false;
  let isInReply = false;
  for (const { line } of dialogue.filter(({ from }) => from === 'relay')) {
    const isEvent = !isInBlock && line.startsWith('650 ');
    if (!isEvent && !isInReply) {
      turns.push({ command: commands[turns.length]!, says: [] });
      isInReply = true;
    }
    turns.at(-1)!.says.push(line);
    if (isInBlock) isInBlock = line !== '.';
    else if (line.charAt(3) === '+') isInBlock = true;
    else if (!isEvent && line.charAt(3) === ' ') isInReply = false;
  }
  return turns;
}

/** The same but for what is drawn anew in each connection, and for the two ways to write a password. */
function withoutSecrets(command: string): string {
  return command.replace(/^(AUTHENTICATE|AUTHCHALLENGE SAFECOOKIE) .*$/, '$1');
}

export type Replay = {
  readonly turns: readonly Turn[];
  /** Cuts what is sent into pieces that leave one by one. */
  readonly cut?: (bytes: Buffer) => readonly Buffer[];
};

/** What one connection was. */
type Replayed = {
  readonly received: string[];
  /** Commands that the recorded client had not sent; they are agreed to. */
  readonly unrecorded: string[];
  /** What was not asked for yet. */
  readonly left: Turn[];
};

/** One replay a connection, in their order; the last one goes on. */
export class ReplayServer {
  readonly connections: Replayed[] = [];
  readonly #server: Server;
  readonly #replays: readonly Replay[];
  readonly #sockets = new Set<Socket>();

  private constructor(replays: readonly Replay[]) {
    this.#replays = replays;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  static async listen(address: TorAddress, replays: readonly Replay[]): Promise<ReplayServer> {
    const made = new ReplayServer(replays);
    made.#server.listen(address.kind === 'unix' ? { path: address.path } : address);
    await once(made.#server, 'listening');
    return made;
  }

  get address(): TorAddress {
    const bound = this.#server.address()!;
    return typeof bound === 'string'
      ? { kind: 'unix', path: bound }
      : { kind: 'tcp', host: bound.address, port: bound.port };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    const replay = this.#replays[this.connections.length] ?? this.#replays.at(-1)!;
    const replayed: Replayed = { received: [], unrecorded: [], left: [...replay.turns] };
    this.connections.push(replayed);
    let text = '';
    let sending = Promise.resolve();
    socket.on('data', (chunk) => {
      const lines = (text + chunk.toString('latin1')).split('\r\n');
      text = lines.pop()!;
      for (const line of lines) {
        replayed.received.push(line);
        const says = answer(line, replayed);
        sending = sending.then(() => send(socket, says, replay.cut));
      }
    });
    // A client that resets the connection has ended it.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

/** Takes the first turn that fits from `left`: in what order things are asked is the client's affair. */
function answer(line: string, { left, unrecorded }: Replayed): readonly string[] {
  const at = left.findIndex(({ command }) => withoutSecrets(command) === withoutSecrets(line));
  if (at < 0) {
    unrecorded.push(line);
    return [line.startsWith('GETCONF ') ? `250 ${line.slice('GETCONF '.length)}` : '250 OK'];
  }
  return left.splice(at, 1)[0]!.says;
}

async function send(socket: Socket, says: readonly string[], cut: Replay['cut']): Promise<void> {
  const bytes = Buffer.from(says.map((line) => `${line}\r\n`).join(''), 'latin1');
  for (const piece of cut?.(bytes) ?? [bytes]) {
    if (socket.destroyed) return;
    if (!socket.write(piece)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
    if (cut !== undefined) await turn();
  }
  // Every refusal of a proof ends the connection, as QUIT does.
  if (/^(?:51[345]|551 Invalid|250 closing)/.test(says.at(-1)!)) socket.end();
}
