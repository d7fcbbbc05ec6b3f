/** Charts as pictures: what is drawn are the totals, and every format is one. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';
import { expect } from 'chai';
import { toPdf, toPng } from '../../src/io/draw-charts.js';
import { drawResultCharts } from '../../src/io/draw-result-charts.js';
import { type CounterResult, parseResultFile } from '../../src/results/result-file.js';
import { SIGMAS_OF_95_PERCENT } from '../../src/results/confidence.js';
import { readProjectFile } from '../doc/documents.js';
import { resultOf } from '../results/results-of.js';
import { describeWithSharedData, readShared } from '../support/shared-data.js';

const EXAMPLE = 'doc/examples/privcount.outcome.1795296528-1795296536.json';
const ORIGINAL = 'original/privcount.outcome.1795190804-1795190825.json';

/** From the labels of the axis at the left: what number stands at which height. */
function scaleOf(svg: string): (y: number) => number {
  const ticks = [
    ...svg.matchAll(/<text text-anchor="end" transform="translate\(-\d+,([\d.]+)\)"[^>]*>([^<]+)</g),
  ].map(([, y, text]) => ({
    y: Number(y) - 3,
    value: Number(text!.replaceAll(',', '').replace('\u2212', '-')),
  }));
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  const step = (high.value - low.value) / (high.y - low.y);
  return (y) => low.value + (y - low.y) * step;
}

type Drawn = {
  readonly totals: number[];
  readonly intervals: (readonly [number, number])[];
  readonly unit: number;
};

/** What somebody with a ruler would read from the picture. `unit`: what a pixel is worth. */
function readPicture(svg: string): Drawn {
  const valueAt = scaleOf(svg);
  const unit = Math.abs(valueAt(1) - valueAt(0));
  const [bars, ...others] = [...svg.matchAll(/<g class="mark-(?:rect|rule) role-mark[^>]*>(.*?)<\/g>/gs)].map(
    ([, part]) => part!,
  );
  const totals = [...bars!.matchAll(/d="M[\d.-]+,([\d.-]+)h[\d.-]+v([\d.-]+)h/g)].map(([, top, height]) => {
    const [from, to] = [valueAt(Number(top)), valueAt(Number(top) + Number(height))];
    return Math.abs(from) > Math.abs(to) ? from : to;
  });
  const lines = others.map((part) =>
    [...part.matchAll(/<line transform="translate\([\d.-]+,([\d.-]+)\)" x2="0" y2="([\d.-]+)"/g)].map(
      ([, y, length]) => [valueAt(Number(y)), valueAt(Number(y) + Number(length))] as const,
    ),
  );
  return { totals, intervals: lines.find((found) => found.length > 0) ?? [], unit };
}

function expectSame({ bins, sigma }: CounterResult, svg: string): void {
  const { totals, intervals, unit } = readPicture(svg);
  expect(totals).to.have.length(bins.length);
  bins.forEach(({ total }, at) => {
    expect(totals[at]).to.be.closeTo(Number(total), 1.5 * unit);
    const [low, high] = intervals[at]!;
    expect(low).to.be.closeTo(Number(total) - SIGMAS_OF_95_PERCENT * sigma!, 1.5 * unit);
    expect(high).to.be.closeTo(Number(total) + SIGMAS_OF_95_PERCENT * sigma!, 1.5 * unit);
  });
}

async function expectDrawn(text: string): Promise<void> {
  const result = parseResultFile(text);
  const charts = await drawResultCharts(result, { theme: 'light' });
  const counters = result.counters.filter(({ name }) => name !== 'ZeroCount');
  expect(charts.map(({ name }) => name)).to.deep.equal(counters.map(({ name }) => name).sort());
  for (const counter of counters) expectSame(counter, charts.find(({ name }) => name === counter.name)!.svg);
}

describe('the picture of a counter', () => {
  it('shows the totals and intervals of the outcome, measured with a ruler', async () => {
    await expectDrawn(readProjectFile(EXAMPLE));
  });

  it('is drawn of some counters only, if only they are asked for', async () => {
    const result = resultOf({ B: [['1'], 1], A: [['1'], 1], C: [['1'], 1], ZeroCount: [['0'], 0] });
    const charts = await drawResultCharts(result, {
      theme: 'dark',
      counters: ['C', 'B', 'none', 'ZeroCount'],
    });
    expect(charts.map(({ name }) => name)).to.deep.equal(['B', 'C']);
    expect(charts[0]!.svg).to.include('fill="#14171c"');
  });

  it('has a description for who does not see it, with its numbers, and no more than people listen to', async () => {
    const totals = Array.from({ length: 20 }, (_, at) => String(1000 * at));
    const [chart] = await drawResultCharts(resultOf({ A: [totals, 10] }), { theme: 'light' });
    expect(chart!.description).to.match(
      /^A: Lines: 95\u00a0% intervals .* 3 \(this round\): 3,000, from 2,980 to 3,020;/,
    );
    expect(chart!.description).to.match(/; and 8 more\.$/);
    expect(chart!.svg).to.include(`role="img" aria-label="${chart!.description}"`);
    expect(chart!.svg.match(/aria-label/g)).to.have.length(1);
  });

  it('keeps names as text, whatever is in them', async () => {
    const name = `<script>alert("1")</script>' & \${datum}`;
    const [chart] = await drawResultCharts(resultOf({ [name]: [['5'], 1] }), { theme: 'light' });
    expect(chart!.svg).not.to.include('<script');
    expect(chart!.svg).to.match(/^<svg role="img" aria-label="[^"<>]*" /);
    expect(chart!.svg.replaceAll(/<\/?tspan[^>]*>/g, '')).to.include('&lt;script&gt;alert');
  });

  it('has no number that is none, whatever the totals', async () => {
    const big = String(10n ** 38n);
    const result = resultOf({
      A: [[big, `-${big}`], 1e60],
      B: [['0'], 0],
      C: [['-0'], undefined],
      D: [['0.001'], 1e-9],
    });
    for (const { svg, name } of await drawResultCharts(result, { theme: 'light' })) {
      expect(svg, name).not.to.match(/NaN|Infinity|undefined/);
    }
  });

  it('has the same numbers whichever was drawn before', async () => {
    const [first, second] = [resultOf({ A: [['5', '9'], 1] }), resultOf({ A: [['7', '2'], 1] })];
    const draw = async (result: typeof first) => (await drawResultCharts(result, { theme: 'light' }))[0]!.svg;
    const alone = await draw(second);
    await draw(first);
    expect(await draw(second)).to.equal(alone);
    expect(await draw(first)).not.to.equal(alone);
  });
});

describeWithSharedData("the picture of PrivCount's own outcomes", () => {
  it('shows their totals and intervals too', async () => {
    await expectDrawn(readShared(ORIGINAL).toString());
    await expectDrawn(readShared('oracle/plot/second.outcome.json').toString());
  });
});

describe('the formats of a picture', () => {
  const svgsOf = async () =>
    (await drawResultCharts(resultOf({ A: [['5', '9'], 1], B: [['1'], 0] }), { theme: 'light' })).map(
      ({ svg }) => svg,
    );
  const sizeOf = (svg: string): number[] => {
    const [, width, height] = /^<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg)!;
    return [Number(width), Number(height)];
  };

  it('are PNG of twice the size, with something on it', async () => {
    const [svg] = await svgsOf();
    const png = Buffer.from(await toPng(svg!));
    expect(png.subarray(0, 8).toString('latin1')).to.equal('\u0089PNG\r\n\u001a\n');
    const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
    expect([width, height]).to.deep.equal(sizeOf(svg!).map((length) => 2 * length));
    expect(new Set(pixels(png)).size).to.be.greaterThan(20);
  });

  it('are PNG of some thousand pixels at most', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="10"></svg>';
    expect(Buffer.from(await toPng(svg)).readUInt32BE(16)).to.equal(8000);
  });

  it('are PDF with a page for each', async () => {
    const svgs = await svgsOf();
    const pdf = Buffer.from(await toPdf(svgs)).toString('latin1');
    expect(pdf)
      .to.match(/^%PDF-1\.\d\n/)
      .and.match(/%%EOF\s*$/);
    const pages = [...pdf.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)].map(([, width, height]) => [
      Number(width),
      Number(height),
    ]);
    expect(pages).to.deep.equal(svgs.map((svg) => sizeOf(svg).map((length) => 0.75 * length)));
  });
});

/** The bytes of a picture's lines. */
function pixels(png: Buffer): Uint8Array {
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length));
  }
  return inflateSync(Buffer.concat(parts));
}

describe('the libraries that draw', () => {
  it('are loaded when something is drawn, and not with the program', () => {
    const module = fileURLToPath(new URL('../../src/cli/command-line.js', import.meta.url));
    const script = `
      import { register } from 'node:module';
      register('data:text/javascript,' + encodeURIComponent(\`
        export async function resolve(name, context, next) {
          if (/^(vega|vega-lite|pdfkit|svg-to-pdfkit|@resvg.*|hyparquet-writer)$/.test(name)) throw new Error('loads ' + name);
          return next(name, context);
        }\`));
      await import(${JSON.stringify(module)});
      console.log('loaded');`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(output).to.equal('loaded\n');
  });
});
