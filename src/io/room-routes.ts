/** The addresses of the tally room. */

export type Route =
  | { readonly kind: 'asset'; readonly path: string }
  | { readonly kind: 'login' }
  | { readonly kind: 'state' }
  | { readonly kind: 'live' }
  | { readonly kind: 'detail'; readonly file: string }
  | { readonly kind: 'chart'; readonly file: string; readonly counter: string; readonly isDark: boolean }
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'csv'; readonly file: string };

/** Names as the tally gives them (roles/results.ts): there is no way out of a folder in one. */
const OUTCOME = String.raw`privcount\.outcome\.\d{1,15}-\d{1,15}`;
const DETAIL = new RegExp(`^/api/rounds/(${OUTCOME}\\.json)$`);
const CSV = new RegExp(`^/results/(${OUTCOME})\\.csv$`);
const FILE = /^\/results\/(privcount\.(?:outcome|tallies|traffic\.model)\.\d{1,15}-\d{1,15}\.json)$/;
const CHART = new RegExp(`^/charts/(${OUTCOME}\\.json)/([^/]{1,600})\\.svg$`);

/** Undefined if no page of ours asks for it. `url`: with what stands after a question mark, which only charts have. */
export function routeOf(url: string): Route | undefined {
  const [path = '', query] = url.split('?', 2);
  const chart = CHART.exec(path);
  if (chart !== null) {
    const counter = decoded(chart[2]!);
    if (counter === undefined) return undefined;
    return { kind: 'chart', file: chart[1]!, counter, isDark: query === 'dark' };
  }
  if (path === '/api/state') return { kind: 'state' };
  if (path === '/api/live') return { kind: 'live' };
  if (path === '/api/login') return { kind: 'login' };
  const detail = DETAIL.exec(path)?.[1];
  if (detail !== undefined) return { kind: 'detail', file: detail };
  const csv = CSV.exec(path)?.[1];
  if (csv !== undefined) return { kind: 'csv', file: `${csv}.json` };
  const file = FILE.exec(path)?.[1];
  if (file !== undefined) return { kind: 'file', file };
  return /^\/[a-zA-Z0-9./_-]*$/.test(path) ? { kind: 'asset', path } : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
