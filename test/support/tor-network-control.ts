/** A second controller of a relay, for the tests to see what the collector did and heard: knows as much as that takes. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { CONTROL_PASSWORD, cookieFileOf, HOST, type TorNode } from './tor-network-torrc.js';

export class TorControl {
  /** Lines of events without `650 `, in their order. */
  readonly events: string[] = [];
  readonly #socket: Socket;
  readonly #replies: {
    readonly resolve: (lines: string[]) => void;
    readonly reject: (error: Error) => void;
  }[] = [];
  #reply: string[] = [];
  /** Up to a line of a single dot. */
  #isInData = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on('line', (line) => this.#take(line));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const { reject } of this.#replies.splice(0))
        reject(new Error('tor closed the control connection'));
    });
  }

  static async open(node: TorNode): Promise<TorControl> {
    const { control: access } = node;
    const socket = connect(
      access.kind === 'unix' ? { path: access.path } : { host: HOST, port: access.port },
    );
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const control = new TorControl(socket);
    const secret =
      node.hashedPassword === undefined ? readFileSync(cookieFileOf(node)) : Buffer.from(CONTROL_PASSWORD);
    await control.ask(`AUTHENTICATE ${secret.toString('hex')}`);
    return control;
  }

  /** The reply's lines without their codes; rejects if tor refuses. */
  async ask(command: string): Promise<string[]> {
    const reply = new Promise<string[]>((resolve, reject) => this.#replies.push({ resolve, reject }));
    this.#socket.write(`${command}\r\n`);
    const lines = await reply;
    if (!lines.at(-1)!.startsWith('250')) throw new Error(`tor refuses ${command}: ${lines.join(' | ')}`);
    return lines.map((line) => line.slice(4));
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(line: string): void {
    if (this.#isInData) {
      this.#isInData = line !== '.';
      this.#reply.push(`250-${line}`);
      return;
    }
    if (line.startsWith('650 ')) {
      this.events.push(line.slice(4));
      return;
    }
    this.#reply.push(line);
    this.#isInData = line.startsWith('250+');
    // `250 ` ends a reply.
    if (line[3] === ' ') this.#replies.shift()?.resolve(this.#reply.splice(0));
  }
}
