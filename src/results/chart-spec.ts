/** A chart as a specification of Vega-Lite (vega.github.io/vega-lite), which io/draw-charts.ts draws. */
import { type Chart, type ChartRow } from './chart.js';
import { withinLimits } from './chart-limits.js';
import { wrapName, wrapWords } from './chart-text.js';
import { type ChartTheme } from './chart-theme.js';

/** A specification of Vega-Lite; what differs between charts that are built alike stands apart. */
export type ChartSpec = {
  readonly title: {
    readonly text: readonly string[];
    readonly subtitle: readonly string[];
    readonly anchor: string;
    readonly offset: number;
  };
  readonly data: { readonly values: readonly (ChartRow & { readonly place: number })[] };
  readonly [key: string]: unknown;
};

/** The first is in what the program draws; a reader of an SVG without it has one of the others, which are as wide. */
export const FONT = 'DejaVu Sans, Verdana, sans-serif';

const BAR_WIDTH = 36;
const WIDTH_MIN = 420;
/** Hundreds of bins are narrow, and still on one page. */
const WIDTH_MAX = 1600;
const HEIGHT = 280;
/** In pixels, of labels and captions. A turned label takes one line of text across. */
const CHARACTER = 6.4;
const LINE = 15;
const TITLE_CHARACTER = 10;
const REPEATED = 'Colours repeat: bars stand in the order of the legend.';
/** Of experiments: their names would end in Vega's expressions, where some (`constructor`) are taken for its own. */
const BY_PLACE = { field: 'place', op: 'min' };
const PALE = 0.3;
/** The outline of a bar that is thinner would hide its colour. */
const BAR_WIDTH_OUTLINED = 6;
/** A single bar is no wall. */
const BAR_WIDTH_MAX = 140;
/** Of the ends of an interval's line. */
const END_WIDTH = 9;

/** The type is Vega-Lite's own, checked where it is drawn. `colours`: one an experiment, again from the first if there are more. */
export function toChartSpec(
  whole: Chart,
  theme: ChartTheme,
  colours: readonly string[] = theme.colours,
): ChartSpec {
  const { chart, experiments, bins, left } = withinLimits(whole);
  const isOneBin = chart.binned === undefined;
  const bars = isOneBin ? experiments.length : bins * experiments.length;
  const width = Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, bars * BAR_WIDTH + 24 * bins));
  const notes = [
    ...(left === 0 ? [] : [`Only the first ${bins} of ${left + bins} bins are drawn; tables have all.`]),
    ...(chart.experiments.length > colours.length && !isOneBin ? [REPEATED] : []),
  ];
  const x = {
    field: isOneBin ? 'experiment' : 'bin',
    type: 'nominal',
    sort: isOneBin ? BY_PLACE : { field: 'order', op: 'min' },
    title: chart.binned ?? null,
    axis: toLabelAxis(chart, width / (isOneBin ? experiments.length : bins)),
  };
  const scale = toHeightScale(chart);
  const layout: Layout = {
    position: isOneBin ? { x } : { x, xOffset: { field: 'experiment', sort: BY_PLACE } },
    height: (field) => ({ field, type: 'quantitative', title: chart.counted, ...scale }),
    barWidth: width / bars,
    theme,
  };
  return {
    width,
    height: HEIGHT,
    padding: 12,
    title: {
      text: wrapName(chart.name, Math.floor(width / TITLE_CHARACTER)),
      subtitle: wrapWords([chart.caption, ...notes].join(' '), Math.floor(width / CHARACTER)),
      anchor: 'start',
      offset: 12,
    },
    data: {
      values: chart.rows.map((row) => ({ ...row, place: experiments.indexOf(row.experiment) })),
    },
    background: theme.background,
    config: toConfig(theme),
    layer: [
      toBars(layout, toColours(experiments, { chart, colours })),
      ...toIntervals(layout),
      { mark: { type: 'rule', color: theme.text, strokeWidth: 1 }, encoding: { y: { datum: 0 } } },
    ],
  };
}

type Layout = {
  readonly position: object;
  readonly height: (field: string) => object;
  readonly barWidth: number;
  readonly theme: ChartTheme;
};

function toBars({ position, height, barWidth, theme }: Layout, color: object): object {
  return {
    mark: {
      type: 'bar',
      stroke: theme.line,
      strokeWidth: barWidth < BAR_WIDTH_OUTLINED ? 0 : 0.8,
      ...(barWidth > BAR_WIDTH_MAX ? { width: BAR_WIDTH_MAX } : {}),
    },
    encoding: {
      ...position,
      y: { ...height('value'), stack: null },
      color,
      fillOpacity: { condition: { test: 'datum.isNoisy', value: PALE }, value: 1 },
      strokeDash: { condition: { test: 'datum.isNoisy', value: [3, 3] } },
    },
  };
}

function toIntervals({ position, height, barWidth, theme }: Layout): object[] {
  const transform = [{ filter: 'datum.low < datum.high' }];
  const line = { color: theme.line, opacity: 1 };
  const size = Math.min(END_WIDTH, barWidth * 0.6);
  const width = Math.min(1.5, barWidth / 3);
  const encoding = { ...position, y: height('low'), y2: { field: 'high' } };
  const hasHalo = barWidth >= BAR_WIDTH_OUTLINED;
  return [
    // A line within a bar of its own colour would not be seen.
    ...(hasHalo
      ? [
          {
            transform,
            mark: { type: 'rule', strokeWidth: 4, color: theme.background, opacity: 0.8 },
            encoding,
          },
        ]
      : []),
    { transform, mark: { type: 'rule', strokeWidth: width, ...line }, encoding },
    ...['low', 'high'].map((end) => ({
      transform,
      mark: { type: 'tick', orient: 'horizontal', size, thickness: 1.5, ...line },
      encoding: { ...position, y: height(end) },
    })),
  ];
}

function toColours(
  experiments: readonly string[],
  { chart, colours }: { readonly chart: Chart; readonly colours: readonly string[] },
): object {
  const colourOf = (label: string) => colours[chart.experiments.indexOf(label) % colours.length];
  return {
    field: 'experiment',
    type: 'nominal',
    sort: null,
    title: null,
    scale: { domain: experiments, range: experiments.map(colourOf) },
    legend: chart.binned !== undefined && chart.experiments.length > 1 ? {} : null,
  };
}

/** Labels lie flat if they fit, are turned if they do not, and stand upright if even so they would run into each other. */
function toLabelAxis({ rows, binned }: Chart, room: number): object {
  const longest = Math.max(
    ...rows.map(({ bin, experiment }) => (binned === undefined ? experiment : bin).length),
  );
  const labelAngle = longest * CHARACTER < room ? 0 : room > 1.6 * LINE ? -40 : -90;
  return { labelAngle, labelLimit: 0, labelOverlap: room < LINE ? 'greedy' : false, ticks: room >= LINE };
}

/** Whole numbers in full as long as people can read them. */
function toHeightScale({ rows }: Chart): object {
  const highest = rows.reduce(
    (max, { low, high, value }: ChartRow) => Math.max(max, Math.abs(low), Math.abs(high), Math.abs(value)),
    0,
  );
  const isReadable = highest === 0 || (highest >= 1e-3 && highest < 1e12);
  const axis = { format: isReadable ? ',.6~f' : '.3~e', tickCount: 6 };
  return highest === 0 ? { axis, scale: { domain: [0, 1] } } : { axis };
}

function toConfig({ text, caption, grid }: ChartTheme): object {
  return {
    // A picture has one description; its parts are not read out one by one.
    aria: false,
    font: FONT,
    title: {
      aria: false,
      fontSize: 15,
      color: text,
      subtitleFontSize: 11,
      subtitlePadding: 4,
      subtitleColor: caption,
    },
    axis: {
      labelFontSize: 11,
      titleFontSize: 12,
      titleFontWeight: 'normal',
      labelColor: text,
      titleColor: text,
      tickColor: caption,
      domainColor: caption,
      gridColor: grid,
    },
    view: { stroke: null },
    legend: { labelFontSize: 11, labelLimit: 0, labelColor: text },
  };
}
