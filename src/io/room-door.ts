/**
 * Who may ask the tally room at all. A page of another site can send a browser here under a name of its own (DNS rebinding),
 * or ask in the name of whoever looks at it: both show in headers that a page can't choose.
 */
import { type IncomingMessage } from 'node:http';

export type Refusal = { readonly status: number; readonly text: string };

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];
/** `/charts/` with the longest name of a file and of a counter, percent-encoded. */
export const URL_CHARACTERS_MAX = 1024;

/** `hosts`: configured names. The port may be another, at the near end of a tunnel. */
export function allowedHosts(listenHost: string, hosts: readonly string[]): ReadonlySet<string> {
  // As browsers write it: in lower case, and short.
  const own = new URL(`http://${listenHost.includes(':') ? `[${listenHost}]` : listenHost}`).hostname;
  return new Set([...LOOPBACK_NAMES, own, ...hosts]);
}

/** Undefined if the request may be looked at. `isPage`: of the page itself, to which others may link. */
export function refusalOf(
  { headers, url = '' }: Pick<IncomingMessage, 'headers' | 'url'>,
  { hosts, isPage }: { readonly hosts: ReadonlySet<string>; readonly isPage: boolean },
): Refusal | undefined {
  if (url.length > URL_CHARACTERS_MAX) return { status: 414, text: 'the address is too long' };
  const host = headers.host?.toLowerCase();
  if (host === undefined || !hosts.has(host.replace(/:\d{1,5}$/, '')))
    return {
      status: 421,
      text: 'the tally room is not known by this name: see tally_server.room.hosts',
    };
  const { origin } = headers;
  if (origin !== undefined && hostOf(origin) !== host)
    return { status: 403, text: 'a page of another origin may not ask here' };
  const site = headers['sec-fetch-site'];
  const isForeign = site === 'cross-site' || site === 'same-site';
  if (isForeign && !isPage) return { status: 403, text: 'a page of another site may not ask here' };
  return undefined;
}

/** Undefined for `null`, which is the origin of what has none. */
function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
