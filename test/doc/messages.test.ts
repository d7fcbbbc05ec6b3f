import { expect } from 'chai';
import { declineCode, partCounts } from '../../src/protocol/messages.js';
import { blocksOf, readProjectFile, tableBelow } from './documents.js';

const PROTOCOL = 'doc/protocol.md';

/** The diagram at the head of a machine's file: the indented lines of its first comment. */
function diagramOf(path: string): string {
  const head = readProjectFile(path).split('*/')[0]!;
  const lines = head.split('\n').filter((line) => line.startsWith(' *     '));
  return lines.map((line) => `${line.slice(' *     '.length)}\n`).join('');
}

describe('doc/protocol.md', () => {
  it('names every kind of message with the numbers of parts that a decoder takes', () => {
    const written = tableBelow(PROTOCOL, 'Messages').map((row) => [row[0], row[3]]);
    const known = Object.entries(partCounts).map(([kind, [min, max]]) => [kind, `${min}..${max}`]);
    expect(Object.fromEntries(written)).to.deep.equal(Object.fromEntries(known));
  });

  it('explains every code of a decline, and no other', () => {
    const written = tableBelow(PROTOCOL, 'Declines').map(([code]) => code);
    expect(written).to.deep.equal(declineCode.options);
  });

  it('shows the state diagrams as they stand at the heads of the machines', () => {
    const diagrams = blocksOf(PROTOCOL).filter(({ tag }) => tag?.startsWith('diagram: '));
    expect(diagrams).to.have.length(3);
    for (const { tag, text } of diagrams) {
      const path = tag!.slice('diagram: '.length);
      expect(text, path).to.equal(diagramOf(path));
    }
  });
});
