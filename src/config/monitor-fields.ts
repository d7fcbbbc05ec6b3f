/** The key `monitor` of each section of config.yaml: where a node's metrics and health are to be had (doc/monitoring.md). */
import { z } from 'zod';
import { port, section } from './fields.js';
import { isLoopback } from './metrics-fields.js';

export type MonitorConfig = {
  /** An address of the loopback. */
  readonly listenHost: string;
  readonly listenPort: number;
};

const WANTED =
  'an address of the loopback such as 127.0.0.1 or ::1; from elsewhere, come through an SSH tunnel or a reverse proxy ' +
  'that asks who is there';

const host = z
  .union([z.ipv4(), z.ipv6()], { error: WANTED })
  .refine((address) => isLoopback(address), { error: WANTED });

export const monitorFields = {
  monitor: section({ listen_host: host.default('127.0.0.1'), listen_port: port() })
    .transform(({ listen_host, listen_port }): MonitorConfig => ({
      listenHost: listen_host,
      listenPort: listen_port,
    }))
    .optional(),
};
