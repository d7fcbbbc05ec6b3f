/** Control-port dialogues that were recorded at relays on a private network (test/data/control). */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

export type DialogueLine = { readonly from: 'client' | 'relay'; readonly line: string };

/** What exit1 wrote to its cookie file: its dialogue with a plain cookie shows it, and its proofs agree with it. */
export const EXIT1_COOKIE = '762782B9D8F0CAFB1D8026A03F2F1BC40B410A2DB12719E277F64C8D832637DB';
/** The password of guard1, guard2 and mid1. */
export const PASSWORD = 'ca925d340c63627f4a41cdf41ed39ae23265d4e9dc044634b045ded37bb5243e';

const LINE_FORM = /^(?:\d+\.\d+ )?([CS]):? ?(.*)$/;

export function readDialogue(name: string): DialogueLine[] {
  const bytes = readFileSync(resolve('test/data/control', name));
  return parseDialogue((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1'));
}

export function parseDialogue(text: string): DialogueLine[] {
  return text
    .split(/\r?\n/)
    .map((line) => LINE_FORM.exec(line))
    .filter((parts) => parts !== null)
    .map(([, from, line]) => ({ from: from === 'C' ? 'client' : 'relay', line: line! }));
}

/** Whether the line ends a reply, given that it is not in a data block. */
function isLast(line: string): boolean {
  return /^\d{3} /.test(line);
}

export type Exchange = { readonly command: string; readonly reply: readonly string[] };

/** Commands with their replies; commands that were sent together get the replies in order. Events are left out. */
export function toExchanges(dialogue: readonly DialogueLine[]): Exchange[] {
  const commands = dialogue.filter(({ from }) => from === 'client').map(({ line }) => line);
  const exchanges: Exchange[] = [];
  let reply: string[] = [];
  let isInBlock = false;
  for (const { from, line } of dialogue) {
    if (from === 'client' || (!isInBlock && line.startsWith('650'))) continue;
    reply.push(line);
    if (isInBlock) isInBlock = line !== '.';
    else if (line.charAt(3) === '+') isInBlock = true;
    else if (isLast(line)) {
      exchanges.push({ command: commands[exchanges.length]!, reply });
      reply = [];
    }
  }
  return exchanges;
}

/** The relay's part of a SAFECOOKIE exchange: what it drew and what the client drew. */
export function recordedNonces(exchanges: readonly Exchange[]): { client: string; server: string } {
  const { command, reply } = exchanges.find((exchange) => exchange.command.startsWith('AUTHCHALLENGE'))!;
  return { client: command.split(' ')[2]!, server: /SERVERNONCE=([0-9A-F]{64})/.exec(reply[0]!)![1]! };
}
