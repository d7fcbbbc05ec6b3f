import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import fc from 'fast-check';
import { describeMetricsFault } from '../../../src/tor/metrics/metrics-fault.js';
import { METRIC_NAMES } from '../../../src/tor/metrics/metrics-names.js';
import {
  METRICS_LINE_CHARACTERS_MAX,
  METRICS_LINES_MAX,
  METRICS_PAGE_BYTES_MAX,
  parseMetricsPage,
} from '../../../src/tor/metrics/parse-page.js';
import { LABEL_CHARACTERS_MAX, LABELS_MAX } from '../../../src/tor/metrics/parse-sample.js';
import { COUNTER_MAX } from '../../../src/tor/metrics/whole-number.js';
import { describeWithSharedData } from '../../support/shared-data.js';
import { faultOf, page, recordedSeries, seriesOf, toBytes } from './pages.js';

const DESTROY = 'tor_relay_destroy_cell_total';
const STREAMS = 'tor_relay_streams_total';
const ONE = `${DESTROY} 1\n`;

const valueOf = (text: string): bigint => seriesOf(page(`${DESTROY} ${text}`))[DESTROY]!;

describe('a metrics page', () => {
  it('is read with its labels in any order, blanks, tabs and escapes', () => {
    const read = page(
      '# HELP tor_relay_streams_total Total number of streams',
      '# TYPE tor_relay_streams_total counter',
      '# a comment',
      '#',
      '',
      `${STREAMS}{type="BEGIN"} 3`,
      `${STREAMS} { type = "BEGIN_DIR" , } \t4`,
      `${STREAMS}{b="\\\\ \\" \\n",a="},{=#"}5`,
      `tor_relay_connections_total{type="OR",direction="received",state="created",family="ipv4"} 6`,
      `tor_relay_connections_total{family="ipv6",state="created",direction="received",type="OR"} 7`,
      `${DESTROY} 8 1700000000123`,
      'tor_relay_drop_cell_total\t9 1.7e9 # {trace="x"} 1 2',
    );
    expect(seriesOf(read)).to.deep.equal({
      [`${STREAMS}{type="BEGIN"}`]: 3n,
      [`${STREAMS}{type="BEGIN_DIR"}`]: 4n,
      [`${STREAMS}{a="},{=#",b=${JSON.stringify('\\ " \n')}}`]: 5n,
      'tor_relay_connections_total{direction="received",family="ipv4",state="created",type="OR"}': 6n,
      'tor_relay_connections_total{direction="received",family="ipv6",state="created",type="OR"}': 7n,
      [DESTROY]: 8n,
      tor_relay_drop_cell_total: 9n,
    });
    expect([...read.metrics]).to.deep.equal([
      STREAMS,
      'tor_relay_connections_total',
      DESTROY,
      'tor_relay_drop_cell_total',
    ]);
  });

  it('may end its lines with CR LF, and itself with # EOF', () => {
    expect(seriesOf(page(`${ONE.trim()}\r`, '# EOF\r'))).to.deep.equal({ [DESTROY]: 1n });
    expect(faultOf(`${ONE}# EOF\n\n`)).to.equal(undefined);
    expect(faultOf(`${ONE}# EOF\n${STREAMS} 1\n`)).to.deep.equal({ code: 'text-after-end', line: 3 });
  });

  it('does not keep the page itself in memory by what is read of it', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const comment = `# ${'x'.repeat(8000)}\n`.repeat(125);
    const pages = Array.from({ length: 30 }, (_, at) =>
      toBytes(`${comment}${STREAMS}{type="a_value_of_${at}"} 1\n`),
    );
    const read: unknown[] = [];
    collect();
    const before = process.memoryUsage().heapUsed;
    for (const bytes of pages) read.push(parseMetricsPage(bytes));
    collect();
    expect(read).to.have.length(pages.length);
    expect(process.memoryUsage().heapUsed - before, 'of 30 MB').to.be.lessThan(10_000_000);
  });

  it('keeps nothing of metrics that we do not count, whatever their values are', () => {
    const read = page(
      ONE.trim(),
      'tor_relay_flag{type="Fast"} NaN',
      'tor_relay_load_socket_total{state="opened"} -1.5',
      'tor_relay_circuits_total{state="opened"} +Inf',
      'tor_hs_intro_circ_total{onion="secret"} 1e400',
      'tor_relay_connections_total{type="OR",state="opened"} 5.5',
      'tor_relay_connections_total{type="OR"} 5',
    );
    expect(seriesOf(read)).to.deep.equal({ [DESTROY]: 1n });
    expect(faultOf(`${ONE}tor_relay_flag 1x\n`)).to.deep.equal({ code: 'not-a-number', line: 2 });
  });

  it('has whole numbers exactly, in all forms that the format has', () => {
    const forms = [
      '0',
      '-0',
      '+7',
      '007',
      '7.',
      '7.000',
      '.0',
      '7e2',
      '7.25e2',
      '7.25E+02',
      '700e-2',
      '3.663059e+06',
    ];
    expect(forms.map(valueOf)).to.deep.equal([0n, 0n, 7n, 7n, 7n, 7n, 0n, 700n, 725n, 725n, 7n, 3_663_059n]);
    expect(valueOf('9007199254740993')).to.equal(2n ** 53n + 1n);
    expect(valueOf('9.223372036854775807e18')).to.equal(COUNTER_MAX);
    expect(valueOf(String(COUNTER_MAX))).to.equal(COUNTER_MAX);
  });

  const badValues: Record<string, readonly string[]> = {
    'not-a-number': ['x', '.', '1.2.3', '0x10', '1e', 'e5', '1_000', '--1', '1n', '"1"'],
    'not-finite': ['NaN', '+Inf', '-Inf', 'inf', 'Infinity'],
    negative: ['-1', '-0.5', '-1e5'],
    'not-whole': ['1.5', '1e-1', '0.1', '123e-99', '1e-99999999999'],
    'too-great': [
      String(COUNTER_MAX + 1n),
      '1e19',
      '1e99',
      '1e9999999999999',
      '9'.repeat(65),
      `0.${'0'.repeat(63)}1`,
    ],
  };
  for (const [code, values] of Object.entries(badValues)) {
    it(`is refused for a counter that is ${code}, by line and name`, () => {
      for (const value of values)
        expect(faultOf(`# x\n${DESTROY} ${value}\n`), value).to.deep.equal({
          code,
          line: 2,
          metric: DESTROY,
        });
    });
  }

  it('is refused for a series that stands twice, in whatever order its labels stand', () => {
    expect(faultOf(`${ONE}${ONE}`)).to.deep.equal({ code: 'repeated-series', line: 2, metric: DESTROY });
    expect(faultOf(`${STREAMS}{a="1",b="2"} 1\n${STREAMS}{b="2",a="1"} 1\n`)).to.deep.equal({
      code: 'repeated-series',
      line: 2,
      metric: STREAMS,
    });
  });

  it('is refused for lines and labels that can not be read', () => {
    const cases: Record<string, readonly string[]> = {
      'malformed-line': [
        '<html>',
        '1abc 5',
        DESTROY,
        `${DESTROY} `,
        `${DESTROY} 1 2 3`,
        `${DESTROY}1 x y`,
        '# TYPE x',
        '# TYPE x counter counter',
        ' x 1',
      ],
      'malformed-labels': [
        '{',
        '{type}',
        '{type=}',
        '{type=BEGIN}',
        '{type="BEGIN}',
        '{type="a" b="c"}',
        '{1="a"}',
        '{,}',
        '{a="\\x"}',
        '{a="\\',
      ],
      'repeated-label': ['{a="1",a="2"}'],
    };
    for (const [code, texts] of Object.entries(cases)) {
      for (const text of texts) {
        const line = text.startsWith('{') ? `${STREAMS}${text} 1` : text;
        expect(faultOf(`${ONE}${line}\n`)?.code, line).to.equal(code);
      }
    }
    expect(faultOf(`${ONE}${STREAMS}{type="x} 1\n`)).to.deep.equal({
      code: 'malformed-labels',
      line: 2,
      metric: STREAMS,
    });
    expect(faultOf(`${ONE}secret{type="x} 1\n`)).to.deep.equal({ code: 'malformed-labels', line: 2 });
  });

  it('is refused beyond each of its limits, and taken at it', () => {
    const labels = (count: number): string => Array.from({ length: count }, (_, at) => `l${at}="v"`).join();
    const label = (length: number): string => `${STREAMS}{a="${'x'.repeat(length)}"} 1\n`;
    const name = (length: number): string => `${STREAMS}{${'x'.repeat(length)}="a"} 1\n`;
    const comment = (length: number): string => `${ONE}# ${'x'.repeat(length - 2)}\n`;
    expect(faultOf(`${STREAMS}{${labels(LABELS_MAX)}} 1\n`)).to.equal(undefined);
    expect(faultOf(`${STREAMS}{${labels(LABELS_MAX + 1)}} 1\n`)?.code).to.equal('too-many-labels');
    expect([label, name].map((make) => faultOf(make(LABEL_CHARACTERS_MAX)))).to.deep.equal([
      undefined,
      undefined,
    ]);
    expect([label, name].map((make) => faultOf(make(LABEL_CHARACTERS_MAX + 1))?.code)).to.deep.equal([
      'label-too-long',
      'label-too-long',
    ]);
    expect(faultOf(comment(METRICS_LINE_CHARACTERS_MAX))).to.equal(undefined);
    expect(faultOf(comment(METRICS_LINE_CHARACTERS_MAX + 1))).to.deep.equal({
      code: 'line-too-long',
      line: 2,
    });
    expect(faultOf(ONE + '\n'.repeat(METRICS_LINES_MAX - 1))).to.equal(undefined);
    expect(faultOf(ONE + '\n'.repeat(METRICS_LINES_MAX))).to.deep.equal({ code: 'too-many-lines' });
    const filler = `# ${'x'.repeat(1021)}\n`.repeat(METRICS_PAGE_BYTES_MAX / 1024 - 1);
    const last = (length: number): string =>
      `${filler}${ONE}#${'x'.repeat(0)} ${'y'.repeat(length - ONE.length - 3)}\n`;
    expect(toBytes(last(1024))).to.have.length(METRICS_PAGE_BYTES_MAX);
    expect(faultOf(last(1024))).to.equal(undefined);
    expect(faultOf(last(1025))).to.deep.equal({ code: 'page-too-long' });
  });

  it('is refused where it is no text, is cut off within a line, or is no relay’s', () => {
    expect(faultOf(Uint8Array.of(0x61, 0xff, 0x0a))).to.deep.equal({ code: 'not-text' });
    expect(faultOf(`${ONE}tor_relay_drop_cell_total 12`)).to.deep.equal({ code: 'cut-off' });
    expect(faultOf('')).to.deep.equal({ code: 'no-relay' });
    expect(faultOf('\n')).to.deep.equal({ code: 'no-relay' });
    expect(faultOf('go_goroutines 12\n')).to.deep.equal({ code: 'no-relay' });
  });

  it('is never shown in the words for a fault', () => {
    expect(describeMetricsFault({ code: 'negative', line: 7, metric: DESTROY })).to.equal(
      'a counter is negative (line 7, tor_relay_destroy_cell_total)',
    );
    expect(describeMetricsFault({ code: 'cut-off' })).to.equal('the page ends within a line');
  });

  it('never makes the parser throw, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        parseMetricsPage(bytes);
      }),
    );
    const piece = fc.constantFrom(
      '{',
      '}',
      '"',
      '\\',
      '=',
      ',',
      ' ',
      '\n',
      '#',
      '1',
      'e',
      '.',
      '-',
      'a',
      STREAMS,
      '# TYPE ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        parseMetricsPage(toBytes(pieces.join('')));
      }),
    );
  });
});

describeWithSharedData('recorded metrics pages', () => {
  const pages = recordedSeries();

  it('have every metric that is counted, each with the series that the page has', () => {
    for (const bytes of pages.flat()) {
      const read = parseMetricsPage(bytes);
      if ('fault' in read) throw new Error(read.fault.code);
      expect([...read.metrics]).to.deep.equal([...METRIC_NAMES]);
      const known = new RegExp(`^(?:${METRIC_NAMES.join('|')})(?:\\{[^}]*\\})? `);
      const lines = bytes
        .toString()
        .split('\n')
        .filter((line) => known.test(line));
      expect(read.series.size).to.equal(lines.length);
      const sum = lines.reduce((total, line) => total + BigInt(line.slice(line.lastIndexOf(' ') + 1)), 0n);
      expect([...read.series.values()].reduce((total, { value }) => total + value, 0n)).to.equal(sum);
    }
  });

  it('never make the parser throw when bytes of them are changed, lost or doubled', () => {
    const original = pages[1]![15]!;
    const change = fc.record({
      at: fc.nat(original.length - 1),
      length: fc.nat(40),
      with: fc.uint8Array({ maxLength: 8 }),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const mutated = changes.reduce<Buffer>(
          (bytes, { at, length, with: put }) =>
            Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + length)]),
          original,
        );
        const read = parseMetricsPage(mutated);
        if ('fault' in read) {
          expect(Object.keys(read.fault).every((key) => ['code', 'line', 'metric'].includes(key))).to.equal(
            true,
          );
          return;
        }
        for (const { value } of read.series.values())
          expect(value >= 0n && value <= COUNTER_MAX).to.equal(true);
      }),
      { numRuns: 300 },
    );
  });
});
