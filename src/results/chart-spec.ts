/** A chart as a specification of Vega-Lite (vega.github.io/vega-lite), which io/draw-charts.ts draws. */
import { type Chart } from './chart.js';

/** Colours that people with any colour vision tell apart (M. Okabe and K. Ito, "Color Universal Design", 2002). */
export const COLOURS = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#d55e00',
  '#f0e442',
  '#000000',
];

export const FONT = 'DejaVu Sans';

const BAR_WIDTH = 36;
const WIDTH_MIN = 420;
/** Hundreds of bins are narrow, and still on one page. */
const WIDTH_MAX = 1600;
const HEIGHT = 280;
const CAPTION_LINE = 72;
/** In characters: labels that are longer would run into each other, and are turned. */
const FLAT_LABEL_MAX = 9;
const LABEL_PIXELS_MAX = 240;
const PALE = 0.35;

/** `colours`: one an experiment, again from the first if there are more. The type is Vega-Lite's own, checked where it is drawn. */
export function toChartSpec(chart: Chart, colours: readonly string[]): object {
  const experiments = [...new Set(chart.rows.map(({ experiment }) => experiment))];
  const bins = new Set(chart.rows.map(({ order }) => order)).size;
  const longest = Math.max(...chart.rows.map(({ bin }) => bin.length));
  const width = Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, bins * (experiments.length * BAR_WIDTH + 24)));
  const isFlat = longest <= FLAT_LABEL_MAX || longest * 7.5 < width / bins;
  const x = {
    field: 'bin',
    type: 'nominal',
    sort: { field: 'order', op: 'min' },
    title: chart.binned ?? null,
    axis:
      chart.binned === undefined
        ? { labels: false, ticks: false, domain: false }
        : { labelAngle: isFlat ? 0 : -40, labelLimit: LABEL_PIXELS_MAX, labelOverlap: bins > 60 },
  };
  const xOffset = { field: 'experiment', sort: experiments };
  const yOf = (field: string) => ({
    field,
    type: 'quantitative',
    title: chart.counted,
    axis: { format: ',', tickCount: 6 },
  });
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width,
    height: HEIGHT,
    padding: 12,
    background: '#ffffff',
    title: { text: chart.name, subtitle: wrap(chart.caption), anchor: 'start', offset: 12 },
    data: { values: chart.rows },
    config: {
      font: FONT,
      numberFormat: ',',
      title: { fontSize: 15, subtitleFontSize: 11, subtitlePadding: 4, subtitleColor: '#444444' },
      axis: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: 'normal', gridColor: '#e4e4e4' },
      view: { stroke: null },
      legend: { labelFontSize: 11, labelLimit: LABEL_PIXELS_MAX },
    },
    layer: [
      {
        mark: { type: 'bar', tooltip: true },
        encoding: {
          x,
          xOffset,
          y: yOf('value'),
          color: {
            field: 'experiment',
            type: 'nominal',
            sort: experiments,
            title: null,
            scale: { domain: experiments, range: experiments.map((_, at) => colours[at % colours.length]) },
            legend: experiments.length > 1 ? {} : null,
          },
          fillOpacity: { condition: { test: 'datum.isNoisy', value: PALE }, value: 1 },
        },
      },
      {
        transform: [{ filter: 'datum.low < datum.high' }],
        mark: { type: 'rule', strokeWidth: 1.5, color: '#222222' },
        encoding: { x, xOffset, y: yOf('low'), y2: { field: 'high' } },
      },
      ...(['low', 'high'] as const).map((end) => ({
        transform: [{ filter: 'datum.low < datum.high' }],
        mark: { type: 'tick', orient: 'horizontal', size: 9, thickness: 1.5, color: '#222222' },
        encoding: { x, xOffset, y: yOf(end) },
      })),
    ],
  };
}

/** A chart's caption does not make it wider. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < CAPTION_LINE)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
