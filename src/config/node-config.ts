/**
 * config.yaml: what is private to a node's operator. One file may hold the sections of several nodes, as PrivCount's do;
 * a command takes its own.
 */
import { section } from './fields.js';
import { type CollectorConfig, collectorSection } from './collector-config.js';
import { ConfigError } from './config-error.js';
import { type KeeperConfig, keeperSection } from './keeper-config.js';
import { clientReplaced } from './node-fields.js';
import { type TallyConfig, tallyReplaced, tallySection } from './tally-config.js';
import { type ConfigSource, parseYaml } from './yaml-file.js';

export type NodeConfig = {
  readonly tallyServer: TallyConfig | undefined;
  readonly shareKeeper: KeeperConfig | undefined;
  readonly dataCollector: CollectorConfig | undefined;
};

const sectionKeys = {
  tallyServer: 'tally_server',
  shareKeeper: 'share_keeper',
  dataCollector: 'data_collector',
} as const;

/** What PrivCount 2.0 also takes at the top of the file. */
const topReplaced = {
  counters: 'a file of its own, which counters in tally_server names',
  privacy: 'the noise file, which noise in tally_server names',
  rotate_period: 'rotate_period in data_collector',
};

/** `home` is what `~` in paths stands for. Throws ConfigError with every fault of the file. */
export function parseNodeConfig(source: ConfigSource, { home }: { home: string }): NodeConfig {
  const context = { file: source.file, home };
  const schema = section({
    tally_server: tallySection(context).optional(),
    share_keeper: keeperSection(context).optional(),
    data_collector: collectorSection(context).optional(),
  }).refine((sections) => Object.keys(sections).length > 0, {
    error: `one or more of the sections ${Object.values(sectionKeys).join(', ')}`,
  });
  const sections = parseYaml(source, schema, { ...tallyReplaced, ...clientReplaced, ...topReplaced });
  return {
    tallyServer: sections.tally_server,
    shareKeeper: sections.share_keeper,
    dataCollector: sections.data_collector,
  };
}

/** The section that a node's command needs. Throws ConfigError if it is not in the file. */
export function sectionOf<Role extends keyof NodeConfig>(
  config: NodeConfig,
  role: Role,
  file: string,
): NonNullable<NodeConfig[Role]> {
  const found = config[role];
  if (found) return found;
  const key = sectionKeys[role];
  throw new ConfigError([
    { file, key, problem: 'is missing', wanted: `a section ${key} with what this node needs` },
  ]);
}
