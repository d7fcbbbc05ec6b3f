/**
 * The torrc files of a private network. Everything listens at 127.0.0.1, and sockets to anywhere else are bound to it as
 * well, so that the kernel refuses them whatever an exit is asked for.
 */
import { join } from 'node:path';
import { type AuthorityKeys } from './tor-network-keys.js';

export const HOST = '127.0.0.1';
/** Of the relay that has one; with what must be quoted. */
export const CONTROL_PASSWORD = 'a "quoted" password \\ of the tests';

/** How a relay's control port lets us in. */
export type ControlAccess =
  { readonly kind: 'tcp'; readonly port: number } | { readonly kind: 'unix'; readonly path: string };

export type TorNode = {
  readonly name: string;
  readonly role: 'authority' | 'middle' | 'exit' | 'client' | 'service';
  /** All that it writes is below. */
  readonly folder: string;
  readonly control: ControlAccess;
  /** As `tor --hash-password` writes it; without it there is a cookie. */
  readonly hashedPassword?: string;
  readonly ports: { readonly or: number; readonly dir: number; readonly metrics: number };
};

/** Where all of loopback is. */
export const COUNTRY = 'aq';
export const COUNTRIES = `2130706432,2147483647,${COUNTRY.toUpperCase()}\n`;

export type TorSurroundings = {
  /** An empty file, as torrc's defaults and tor's countries of IPv6. */
  readonly emptyFile: string;
  /** tor's countries of IPv4: all of loopback is in COUNTRY. */
  readonly countriesFile: string;
  /** Names a resolver that isn't there: nothing is looked up. */
  readonly resolvFile: string;
  /** If this process is gone, tor ends within seconds. */
  readonly ownerProcess: number;
  readonly authorities: ReadonlyMap<TorNode, AuthorityKeys>;
  /** Where the onion service's requests go. */
  readonly servicePort: number;
};

/** Seconds from one consensus to the next; tor allows no fewer than 10 in a network for tests. */
const VOTING_INTERVAL = 10;
/** Until there is a first one; tor allows no fewer than 5. */
const FIRST_VOTING_INTERVAL = 5;
/** For votes and signatures to be there; tor allows no fewer than 2. */
const VOTE_DELAY = 2;

export function dataFolderOf(node: TorNode): string {
  return join(node.folder, 'data');
}

export function cookieFileOf(node: TorNode): string {
  return join(dataFolderOf(node), 'control_auth_cookie');
}

export function onionFolderOf(node: TorNode): string {
  return join(node.folder, 'onion');
}

export function isRelay({ role }: TorNode): boolean {
  return role !== 'client' && role !== 'service';
}

export function torrcOf(node: TorNode, around: TorSurroundings): string {
  const lines = [
    ...everyNode(node, around),
    ...(isRelay(node) ? relay(node, around) : []),
    ...(node.role === 'authority' ? authority(node) : []),
    ...(node.role === 'client' ? client(node) : []),
    ...(node.role === 'service' ? service(node, around) : []),
  ];
  return `${lines.join('\n')}\n`;
}

function everyNode(node: TorNode, around: TorSurroundings): string[] {
  return [
    'TestingTorNetwork 1',
    `Nickname ${node.name}`,
    `DataDirectory ${dataFolderOf(node)}`,
    `Address ${HOST}`,
    'AddressDisableIPv6 1',
    `OutboundBindAddress ${HOST}`,
    `GeoIPFile ${around.countriesFile}`,
    `GeoIPv6File ${around.emptyFile}`,
    `Log notice file ${join(node.folder, 'notice.log')}`,
    `__OwningControllerProcess ${around.ownerProcess}`,
    'ShutdownWaitLength 0',
    // Of few relays each is a large part of the paths.
    'PathsNeededToBuildCircuits 0.67',
    ...control(node),
    ...[...around.authorities].map(([{ name, ports }, { fingerprint, v3Identity }]) =>
      [
        `DirAuthority ${name} orport=${ports.or} no-v2 v3ident=${v3Identity}`,
        `${HOST}:${ports.dir} ${fingerprint}`,
      ].join(' '),
    ),
  ];
}

function control({ control: access, hashedPassword }: TorNode): string[] {
  return [
    access.kind === 'tcp' ? `ControlPort ${HOST}:${access.port}` : `ControlSocket ${access.path}`,
    hashedPassword === undefined ? 'CookieAuthentication 1' : `HashedControlPassword ${hashedPassword}`,
  ];
}

function relay({ role, ports }: TorNode, { resolvFile }: TorSurroundings): string[] {
  return [
    `ORPort ${HOST}:${ports.or} IPv4Only`,
    'SocksPort 0',
    'ContactInfo nobody@example.invalid',
    // There is nothing to test reachability from until the relays are known.
    'AssumeReachable 1',
    `MetricsPort ${HOST}:${ports.metrics}`,
    `MetricsPortPolicy accept ${HOST}`,
    `ServerDNSResolvConfFile ${resolvFile}`,
    'ServerDNSAllowBrokenConfig 1',
    'ServerDNSDetectHijacking 0',
    // Only an exit to everywhere has a port in the summary of its policy that clients go by.
    ...(role === 'exit'
      ? ['ExitRelay 1', 'ExitPolicyRejectPrivate 0', 'ExitPolicy accept *:*']
      : ['ExitRelay 0', 'ExitPolicy reject *:*']),
  ];
}

function authority({ ports }: TorNode): string[] {
  return [
    'AuthoritativeDirectory 1',
    'V3AuthoritativeDirectory 1',
    `DirPort ${HOST}:${ports.dir} IPv4Only`,
    `TestingV3AuthInitialVotingInterval ${FIRST_VOTING_INTERVAL}`,
    `TestingV3AuthInitialVoteDelay ${VOTE_DELAY}`,
    `TestingV3AuthInitialDistDelay ${VOTE_DELAY}`,
    `V3AuthVotingInterval ${VOTING_INTERVAL}`,
    `V3AuthVoteDelay ${VOTE_DELAY}`,
    `V3AuthDistDelay ${VOTE_DELAY}`,
    // Relays get these only after days of being up.
    'TestingDirAuthVoteHSDir *',
    'TestingDirAuthVoteGuard *',
    'TestingMinExitFlagThreshold 0',
  ];
}

function client({ ports }: TorNode): string[] {
  return [
    `SocksPort ${HOST}:${ports.or}`,
    // One circuit a stream, so that what the exit counts is what was asked for.
    'ConfluxEnabled 0',
  ];
}

function service(node: TorNode, { servicePort }: TorSurroundings): string[] {
  return [
    'SocksPort 0',
    'ConfluxEnabled 0',
    `HiddenServiceDir ${onionFolderOf(node)}`,
    `HiddenServicePort 80 ${HOST}:${servicePort}`,
  ];
}
