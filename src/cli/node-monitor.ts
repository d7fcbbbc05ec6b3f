/** The monitor of a daemon: from its key in config.yaml to a port that shows what the daemon says of itself. */
import { type MonitorConfig } from '../config/monitor-fields.js';
import { type Network } from '../core/network.js';
import { systemClock } from '../io/clock.js';
import { openMonitor, type OpenMonitor } from '../io/monitor.js';
import { monitorFacts, type MonitorFacts } from '../roles/monitor-facts.js';
import { type PrivacyMemory } from '../roles/privacy-memory.js';
import { type Status } from '../roles/status-board.js';
import { type CountedLog } from './counted-log.js';
import { refusedListening } from './listen-errors.js';

export type MonitorSubject = {
  /** Undefined if none is configured. */
  readonly config: MonitorConfig | undefined;
  readonly role: Status['role'];
  readonly network: Network;
  readonly memory: PrivacyMemory;
};

export type NodeMonitor = {
  /** What the node says of itself, from now on. */
  watch(makeStatus: () => Status): void;
  /** The configuration was read again, or could not be. */
  noteConfigRead(isFine: boolean): void;
  close(): Promise<void>;
};

const NONE: NodeMonitor = {
  watch: () => undefined,
  noteConfigRead: () => undefined,
  close: () => Promise.resolve(),
};

/** The key of config.yaml that each role's section is below. */
const SECTIONS = { tally: 'tally_server', keeper: 'share_keeper', collector: 'data_collector' } as const;
const MICROSECONDS_PER_SECOND = 1e6;

/** Throws OperatorError if the port can't be listened at. */
export async function openNodeMonitor(subject: MonitorSubject, log: CountedLog): Promise<NodeMonitor> {
  const { config, role } = subject;
  if (config === undefined) return NONE;
  const { listenHost: host, listenPort: port } = config;
  const monitor = await openMonitor({ role, host, port }, log).catch((error: unknown): never => {
    throw refusedListening(error, `${SECTIONS[role]}.monitor`);
  });
  log.info(`the monitor listens at port ${port}`);
  return watching(monitor, subject, log);
}

function watching(
  monitor: OpenMonitor,
  { network, memory }: MonitorSubject,
  { counts }: CountedLog,
): NodeMonitor {
  let configRead = { isFine: true, atMs: systemClock.nowMs() };
  const facts = (status: Status): MonitorFacts =>
    monitorFacts({
      status,
      network,
      memory,
      wallOffsetMs: systemClock.wallOffsetMs(),
      configRead,
      runtime: `node ${process.versions.node}`,
      process: { residentBytes: process.memoryUsage.rss(), cpuSeconds: cpuSeconds(), ...counts },
    });
  return {
    watch: (makeStatus) => monitor.watch(() => facts(makeStatus())),
    noteConfigRead: (isFine) => (configRead = { isFine, atMs: systemClock.nowMs() }),
    close: () => monitor.close(),
  };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / MICROSECONDS_PER_SECOND;
}
