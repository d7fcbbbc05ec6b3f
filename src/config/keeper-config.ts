/** The section `share_keeper` of config.yaml (spec/rounds.md, 2.2). */
import { type z } from 'zod';
import { type PathContext, pathField } from './config-paths.js';
import { section } from './fields.js';
import { type MonitorConfig, monitorFields } from './monitor-fields.js';
import { nodeName } from './node-fields.js';
import { type OwnDelay, ownDelayFields, toOwnDelay } from './own-delay.js';

export type KeeperConfig = {
  /** Its name in network.yaml; absent if the key alone tells who it is. */
  readonly name: string | undefined;
  readonly identityKeyFile: string;
  readonly networkFile: string;
  readonly stateFolder: string;
  readonly delay: OwnDelay;
  /** Absent: there is none. */
  readonly monitor: MonitorConfig | undefined;
};

export function keeperSection(context: PathContext): z.ZodType<KeeperConfig> {
  const path = pathField(context);
  return section({
    name: nodeName.optional(),
    key: path,
    network: path,
    state: path,
    ...ownDelayFields,
    ...monitorFields,
  }).transform((fields) => ({
    name: fields.name,
    identityKeyFile: fields.key,
    networkFile: fields.network,
    stateFolder: fields.state,
    delay: toOwnDelay(fields),
    monitor: fields.monitor,
  }));
}
