/** Results as one page that needs nothing else: the charts drawn in it, and a table of their numbers below each. */
import { type Chart } from './chart.js';

type DrawnChart = { readonly chart: Chart; readonly svg: string };

const STYLE = `
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; overflow-wrap: anywhere; }
  figure { margin: 2.5rem 0; } figure > svg { max-width: 100%; height: auto; background: #fff; border-radius: 4px; }
  details { margin-top: .5rem; } .scroll { overflow-x: auto; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
  th, td { padding: .15rem .75rem; text-align: right; border-bottom: 1px solid #8884; }
  th:first-child, td:first-child, th:nth-child(2), td:nth-child(2) { text-align: left; }
`;

/** `title` and what stands in files is text, never markup. */
export function toHtmlPage(title: string, charts: readonly DrawnChart[]): string {
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<style>${STYLE}</style></head><body><main><h1>${escape(title)}</h1>`,
    ...charts.map(toFigure),
    '</main></body></html>',
    '',
  ].join('\n');
}

function toFigure({ chart, svg }: DrawnChart): string {
  const picture = svg.replace(
    '<svg',
    `<svg role="img" aria-label="${escape(`${chart.name}: ${chart.caption}`)}"`,
  );
  return [
    `<figure id="${escape(chart.name)}">${picture}`,
    '<details><summary>Numbers</summary><div class="scroll">',
    `<table><thead><tr>${['experiment', 'bin', 'total', 'from', 'to', ''].map((head) => `<th>${head}</th>`).join('')}</tr></thead><tbody>`,
    ...chart.rows.map(
      ({ experiment, bin, value, low, high, isNoisy }) =>
        `<tr>${[experiment, bin, value, low, high, isNoisy ? 'may be noise alone' : ''].map((cell) => `<td>${toCell(cell)}</td>`).join('')}</tr>`,
    ),
    '</tbody></table></div></details></figure>',
  ].join('\n');
}

function toCell(value: string | number): string {
  return escape(typeof value === 'number' ? value.toLocaleString('en-US') : value);
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
