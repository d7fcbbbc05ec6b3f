/** The section `data_collector` of config.yaml (spec/rounds.md, 2.3). */
import { z } from 'zod';
import { type PathContext, pathField } from './config-paths.js';
import { flag, oneOrList, periodMs, port, section } from './fields.js';
import { metricsFields, type MetricsSourceConfig, toMetricsSource } from './metrics-fields.js';
import { type MonitorConfig, monitorFields } from './monitor-fields.js';
import { nodeName } from './node-fields.js';
import { type OwnDelay, ownDelayFields, toOwnDelay } from './own-delay.js';

/** A relay's control port, and what proves to it who we are. */
export type ControlSourceConfig = {
  readonly kind: 'control-port';
  readonly address:
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
    | { readonly kind: 'unix'; readonly path: string };
  /** A file with the password. */
  readonly passwordFile: string | undefined;
  /** Tor's cookie file, where it is not at the path that Tor names. */
  readonly cookieFile: string | undefined;
};

type EventSource = ControlSourceConfig | MetricsSourceConfig;

export type CollectorConfig = {
  /** Its name in network.yaml; absent if the key alone tells who it is. */
  readonly name: string | undefined;
  readonly identityKeyFile: string;
  readonly networkFile: string;
  readonly stateFolder: string;
  readonly eventSources: readonly EventSource[];
  /** How often client addresses are forgotten. */
  readonly rotatePeriodMs: number;
  /** How often what is counted is written to the disk, blinded: a kill costs what came since. */
  readonly checkpointMs: number;
  /** False where Tor's configuration is not ours to change. */
  readonly useSetconf: boolean;
  readonly delay: OwnDelay;
  /** Absent: there is none. */
  readonly monitor: MonitorConfig | undefined;
};

const LOOPBACK = '127.0.0.1';
const ROTATE_PERIOD_MS = 600_000;
const CHECKPOINT_MS = 600_000;
/** Relays on one machine, or that answer at several ports. */
export const EVENT_SOURCES_MAX = 64;
const sourcesWanted = `an event source, or a list of 1 to ${EVENT_SOURCES_MAX}: each has port (and ip), unix, or metrics`;

export function collectorSection(context: PathContext): z.ZodType<CollectorConfig> {
  const path = pathField(context);
  return section({
    name: nodeName.optional(),
    key: path,
    network: path,
    state: path,
    event_source: oneOrList(eventSource(context), {
      what: 'event sources',
      max: EVENT_SOURCES_MAX,
      wanted: sourcesWanted,
    }).superRefine(refuseRepeats),
    rotate_period: periodMs().default(ROTATE_PERIOD_MS),
    checkpoint_period: periodMs().default(CHECKPOINT_MS),
    use_setconf: flag().default(true),
    ...ownDelayFields,
    ...monitorFields,
  }).transform((fields) => ({
    name: fields.name,
    identityKeyFile: fields.key,
    networkFile: fields.network,
    stateFolder: fields.state,
    eventSources: fields.event_source,
    rotatePeriodMs: fields.rotate_period,
    checkpointMs: fields.checkpoint_period,
    useSetconf: fields.use_setconf,
    delay: toOwnDelay(fields),
    monitor: fields.monitor,
  }));
}

/** A control port shows whose it is, and is refused if it stands twice; a metrics page would count twice. */
function refuseRepeats(sources: readonly EventSource[], refinement: z.RefinementCtx): void {
  const firstAt = new Map<string, number>();
  for (const [at, source] of sources.entries()) {
    if (source.kind !== 'metrics-page') continue;
    const place = JSON.stringify(source.address);
    const first = firstAt.get(place);
    if (first === undefined) firstAt.set(place, at);
    else {
      const params = { problem: `is the page of event_source[${first}] too` };
      const message = 'another page, since one that is read twice counts twice';
      refinement.addIssue({ code: 'custom', path: [at, 'metrics'], message, params });
    }
  }
}

const CONTROL_KEYS = ['port', 'unix', 'ip', 'control_password', 'control_cookie'] as const;
const METRICS_KEYS = ['interval', 'timeout'] as const;

function eventSource(context: PathContext): z.ZodType<EventSource> {
  const path = pathField(context);
  const ipWanted = 'a literal IPv4 or IPv6 address';
  const ip = z.union([z.ipv4(), z.ipv6()], { error: ipWanted });
  return section({
    port: port().optional(),
    ip: ip.optional(),
    unix: path.optional(),
    control_password: path.optional(),
    control_cookie: path.optional(),
    ...metricsFields,
  })
    .superRefine((fields, refinement) => {
      const refuse = (key: keyof typeof fields, problem: string, wanted: string): void => {
        refinement.addIssue({ code: 'custom', path: [key], message: wanted, params: { problem } });
      };
      if (fields.port === undefined && fields.unix === undefined && fields.metrics === undefined)
        refuse('port', 'is missing', 'port, unix or metrics');
      for (const key of METRICS_KEYS) {
        if (fields[key] !== undefined && fields.metrics === undefined)
          refuse(key, 'stands without metrics', 'metrics with it, the address of the MetricsPort');
      }
      for (const key of CONTROL_KEYS) {
        if (fields[key] !== undefined && fields.metrics !== undefined)
          refuse(key, 'stands beside metrics', 'an entry of its own in the list, for the control port');
      }
      // The original opened both, and counted each event twice.
      if (fields.port !== undefined && fields.unix !== undefined) {
        refuse('unix', 'stands beside port', 'one of port and unix, which are two ways to the same relay');
      }
      if (fields.ip !== undefined && fields.port === undefined && fields.metrics === undefined)
        refuse('ip', 'stands without port', 'a port with it');
    })
    .transform((fields) => {
      if (fields.metrics !== undefined) return toMetricsSource(fields.metrics, fields);
      return {
        kind: 'control-port',
        address:
          fields.unix === undefined
            ? { kind: 'tcp', host: fields.ip ?? LOOPBACK, port: fields.port! }
            : { kind: 'unix', path: fields.unix },
        passwordFile: fields.control_password,
        cookieFile: fields.control_cookie,
      };
    });
}
