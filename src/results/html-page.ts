/** Results as one page that needs nothing else: the charts drawn in it, and a table of their numbers below each. */
import { type Chart, type ChartRow } from './chart.js';
import { escapeMarkup } from './markup.js';

type DrawnChart = { readonly chart: Chart; readonly svg: string };

const STYLE = `
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
  a { color: inherit; } h1 { font-size: 1.5rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; overflow-wrap: anywhere; }
  section { margin: 2.5rem 0; } figure { margin: 0; }
  figure > svg { max-width: 100%; height: auto; border-radius: 4px; }
  nav ul { columns: 20rem; padding-left: 1.2rem; } nav li { overflow-wrap: anywhere; }
  details { margin-top: .5rem; } .scroll { overflow-x: auto; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
  th, td { padding: .15rem .75rem; text-align: right; border-bottom: 1px solid #8884; }
  th[scope=row], td.text, th.text { text-align: left; font-weight: normal; overflow-wrap: anywhere; min-width: 8rem; }
  caption { text-align: left; }
`;

/** Fewer are found by looking. */
const CONTENTS_FROM = 5;

/** `title` and what stands in files is text, never markup. */
export function toHtmlPage(title: string, charts: readonly DrawnChart[]): string {
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escapeMarkup(title)}</title>`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<style>${STYLE}</style></head><body><main><h1>${escapeMarkup(title)}</h1>`,
    ...(charts.length === 0 ? ['<p>No counter is shown.</p>'] : []),
    ...(charts.length < CONTENTS_FROM ? [] : [toContents(charts)]),
    ...charts.map(toSection),
    '</main></body></html>',
    '',
  ].join('\n');
}

function toContents(charts: readonly DrawnChart[]): string {
  const items = charts.map(({ chart }, at) => `<li><a href="#c${at}">${escapeMarkup(chart.name)}</a></li>`);
  return `<nav aria-label="Counters"><ul>${items.join('\n')}</ul></nav>`;
}

/** The picture has its own description; the table has all that is in it, and more. */
function toSection({ chart, svg }: DrawnChart, at: number): string {
  const { name, caption, rows, counted } = chart;
  const heads = ['experiment', 'bin', counted, 'interval', 'noise'];
  const cells = heads.map(
    (head, column) => `<th scope="col"${column < 2 ? ' class="text"' : ''}>${escapeMarkup(head)}</th>`,
  );
  return [
    `<section id="c${at}" aria-labelledby="h${at}"><h2 id="h${at}">${escapeMarkup(name)}</h2>`,
    `<figure>${svg}</figure>`,
    `<details><summary>Numbers</summary><div class="scroll" tabindex="0" role="group" aria-label="Numbers of ${escapeMarkup(name)}">`,
    `<table><caption>${escapeMarkup(caption)}</caption><thead><tr>${cells.join('')}</tr></thead><tbody>`,
    ...rows.map(toTableRow),
    '</tbody></table></div></details></section>',
  ].join('\n');
}

function toTableRow({ experiment, bin, total, interval, isNoisy }: ChartRow): string {
  return (
    `<tr><th scope="row">${escapeMarkup(experiment)}</th><td class="text">${escapeMarkup(bin)}</td>` +
    `<td>${escapeMarkup(total)}</td><td>${escapeMarkup(interval)}</td>` +
    `<td>${isNoisy ? 'may be noise alone' : ''}</td></tr>`
  );
}
