/**
 * The knowing differences from the original that show in events (spec/counters.md, section 8): what made it close its
 * connection, or fail half-way, is rejected whole here, counted as rejected, and the next event is read.
 */
import { expect } from 'chai';

import { type Bin } from '../../src/core/bins.js';
import { layOutCounters } from '../../src/core/counters.js';
import { readProjectFile } from '../doc/documents.js';
import { collect, type Counted } from './oracle.js';
import { LISTS } from './test-plan.js';
import { BOTH, modelOf } from './traffic/models.js';

const ONE_BIN: readonly Bin[] = [[0, Infinity]];
const TIMES: readonly Bin[] = [
  [-Infinity, 0],
  [0, Infinity],
];

const LAYOUT = layOutCounters(
  [
    ...[
      'ExitStreamCount',
      'ExitStreamByteCount',
      'EndCircuitCount',
      'EntryConnectionCount',
      'HSDir2StoreCount',
    ],
    ...['ExitCircuitTrafficModelCircuitCount', 'ExitCircuitTrafficModelEmissionCount', 'RejectedEventCount'],
  ]
    .map((name) => ({ name, bins: ONE_BIN }))
    .concat(['ExitStreamLifeTime', 'EndCircuitLifeTime'].map((name) => ({ name, bins: TIMES }))),
);

const STREAM = 'PRIVCOUNT_STREAM_ENDED 1 2 3 80 100 50 10.0 12.5 h 1.2.3.4 1';
const CIRCUIT =
  'PRIVCOUNT_CIRCUIT_CLOSE EventTimestamp=2 CreatedTimestamp=1 IsLegacyCircuitEndEventFlag=0 StateString=open PurposeCode=1 IsEndFlag=1';
const PATH = 'PRIVCOUNT_VITERBI_STREAMS EventTimestamp=1 ViterbiPathStreams=';

/** By quirk: events that are rejected here. */
const REJECTED: readonly (readonly [quirk: string, what: string, lines: readonly string[]])[] = [
  ['Q22', 'time stamps that are nan', [STREAM.replace('10.0', 'nan'), CIRCUIT.replace('=2 ', '=NaN ')]],
  [
    'Q23',
    'end-type flags that are neither 0 nor 1',
    ['Exit', 'Dir', 'HSDir', 'Intro', 'Rend'].flatMap((end) => [
      `${CIRCUIT} Is${end}Flag=2`,
      `${CIRCUIT} Is${end}Flag=x`,
    ]),
  ],
  [
    'Q24',
    'malformed streams',
    [`${STREAM} 1`, STREAM.slice(0, -2), STREAM.replace(' 80 ', ' x '), STREAM.replace(' 3 ', '  3 ')],
  ],
  [
    'Q25',
    'viterbi events without a path that can be read',
    ['', 'x', '5', '{}', '[5]', '[["sDwell";"$";x]]', '[["sDwell";"$";[]]]', '[["s\xe9";"$";1]]'].map(
      (path) => PATH + path,
    ),
  ],
  ['Q25', 'viterbi events without a path', ['PRIVCOUNT_VITERBI_STREAMS EventTimestamp=1']],
  [
    'Q47',
    'events with a fault behind what could be counted',
    [`${PATH}[["sDwell";"$";1];["sDwell";"$";x]]`, `${CIRCUIT} IsExitFlag=7`],
  ],
  [
    '2^64',
    'integers above 2^64 - 1',
    [STREAM.replace(' 100 ', ` ${2n ** 64n} `), STREAM.replace(' 100 ', ` 1${'0'.repeat(400)} `)],
  ],
  ['2^53', 'delays of 2^53 microseconds and more', [`${PATH}[["sDwell";"$";${2 ** 53}]]`]],
];

function countLine({ collection }: Counted, line: string): void {
  const bytes = Buffer.from(line, 'latin1');
  collection.count(bytes, 0, bytes.length);
}

function moved(counted: Counted): Record<string, string> {
  return Object.fromEntries(
    [...counted.totals()]
      .filter(([, counts]) => counts.some((count) => count > 0n))
      .map(([name, counts]) => [name, counts.join()]),
  );
}

describe('knowing differences from the original', () => {
  for (const [quirk, what, lines] of REJECTED) {
    it(`${quirk}: rejects ${what}, counts nothing of them, and reads on`, () => {
      const counted = collect(LAYOUT, LISTS, modelOf(BOTH));
      for (const line of lines) countLine(counted, line);
      expect(moved(counted)).to.deep.equal({ RejectedEventCount: String(lines.length) });
      countLine(counted, STREAM);
      expect(moved(counted)).to.deep.equal({
        ExitStreamCount: '1',
        ExitStreamByteCount: '150',
        ExitStreamLifeTime: '0,1',
        RejectedEventCount: String(lines.length),
      });
    });
  }

  it('puts the difference of two infinite times in no bin, and counts the rest', () => {
    const counted = collect(LAYOUT, LISTS);
    countLine(counted, STREAM.replace('10.0', 'inf').replace('12.5', 'inf'));
    expect(moved(counted)).to.deep.equal({ ExitStreamCount: '1', ExitStreamByteCount: '150' });
  });

  it('are told in doc/counters.md, with all that is odd and kept: every quirk of the specification', () => {
    const [, section] = /## Knowing differences[^\n]*\n([\s\S]*?)\n## /.exec(
      readProjectFile('doc/counters.md'),
    )!;
    const told = new Set<number>();
    for (const [, first, last] of section!.matchAll(/Q(\d+)(?:-Q(\d+))?/g)) {
      for (let quirk = Number(first); quirk <= Number(last ?? first); quirk += 1) told.add(quirk);
    }
    expect([...told].sort((left, right) => left - right)).to.deep.equal(
      Array.from({ length: 51 }, (_, at) => at + 1),
    );
  });
});
