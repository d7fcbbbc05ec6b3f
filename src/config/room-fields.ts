/** The section `tally_server.room` of config.yaml: where the tally shows its page, and who may see it (doc/privacy.md). */
import { z } from 'zod';
import { type PathContext, pathField } from './config-paths.js';
import { flag, listOf, port, section, text } from './fields.js';
import { isLoopback } from './metrics-fields.js';

export type RoomConfig = {
  /** A literal address. */
  readonly listenHost: string;
  readonly listenPort: number;
  /** The names under which browsers may ask for the page, besides the address itself and those of the loopback. */
  readonly hosts: readonly string[];
  readonly tokenFile: string | undefined;
  /** PEM files. Absent: plain HTTP, which is for the loopback alone. */
  readonly tls: { readonly keyFile: string; readonly certFile: string } | undefined;
  /** Whether the page stays when all rounds are over. */
  readonly stays: boolean;
};

/** Beside the ports that `privcount init` gives: 20001 of the tally, from 20101 on of relays. */
const PORT = 20_080;
/** Names in a certificate, a few at most. */
const HOSTS_MAX = 16;

const ADDRESS_WANTED = 'a literal address such as 127.0.0.1 or ::1';
const address = z.union([z.ipv4(), z.ipv6()], { error: ADDRESS_WANTED });
const hostName = text(/^[a-z0-9.-]{1,253}$/, 'a host name in lower case, without a port');

function fieldsOf(context: PathContext) {
  const path = pathField(context);
  return section({
    listen_host: address.default('127.0.0.1'),
    listen_port: port().default(PORT),
    hosts: listOf(hostName, 'host names', HOSTS_MAX).default([]),
    token: path.optional(),
    key: path.optional(),
    cert: path.optional(),
    stay: flag().default(false),
  });
}

type Fields = z.output<ReturnType<typeof fieldsOf>>;

export function roomSection(context: PathContext): z.ZodType<RoomConfig> {
  return fieldsOf(context)
    .superRefine((fields, refinement) => {
      for (const { key, problem, wanted } of problemsTogether(fields))
        refinement.addIssue({ code: 'custom', path: [key], message: wanted, params: { problem } });
    })
    .transform(({ listen_host, listen_port, hosts, token, key, cert, stay }) => ({
      listenHost: listen_host,
      listenPort: listen_port,
      hosts,
      tokenFile: token,
      tls: key === undefined || cert === undefined ? undefined : { keyFile: key, certFile: cert },
      stays: stay,
    }));
}

const WANTED = {
  token: 'the path of a file with a token, mode 0600',
  key: 'the path of a TLS key in PEM',
  cert: 'the path of its TLS certificate in PEM',
};

/** What leaves the machine is encrypted, and shown to those who know the token. */
function problemsTogether(fields: Fields) {
  const { listen_host: host, hosts } = fields;
  const open = isLoopback(host) ? undefined : `listen_host ${host} is not of the loopback`;
  const because = {
    token: open,
    key: open ?? (fields.cert && 'cert is there'),
    cert: open ?? (fields.key && 'key is there'),
  };
  const missing = (['token', 'key', 'cert'] as const)
    .filter((key) => fields[key] === undefined && because[key] !== undefined)
    .map((key) => ({ key, problem: `is missing, but ${because[key]}`, wanted: WANTED[key] }));
  const isAnywhere = host === '0.0.0.0' || /^[0:]+$/.test(host);
  if (!isAnywhere || hosts.length > 0) return missing;
  const problem = `is empty, but listen_host ${host} is no address that a browser asks for`;
  return [...missing, { key: 'hosts', problem, wanted: 'the host names in the addresses that people type' }];
}
