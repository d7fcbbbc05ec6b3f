/** What is wrong with keys of `tally_server` together, where each by itself is right. */
import { type TallyFields } from './tally-fields.js';

type Problem = { readonly key: keyof TallyFields; readonly problem: string; readonly wanted: string };

export function tallyProblems(fields: TallyFields): Problem[] {
  return [
    ...noiseProblems(fields),
    ...fileProblems(fields),
    ...periodProblems(fields),
    ...portProblems(fields),
  ];
}

function noiseProblems(fields: TallyFields): Problem[] {
  if (fields.noise !== undefined && fields.sigmas !== undefined) {
    return [{ key: 'sigmas', problem: 'stands beside noise', wanted: 'one of noise and sigmas' }];
  }
  if (fields.noise === undefined && fields.sigmas === undefined && !fields.noise_off) {
    const wanted = 'the path of a noise file, or sigmas, or noise_off: true in a network of test keys';
    return [{ key: 'noise', problem: 'is missing', wanted }];
  }
  return [];
}

function fileProblems(fields: TallyFields): Problem[] {
  const problems: Problem[] = [];
  const needs = (key: keyof TallyFields, other: keyof TallyFields, wanted: string): void => {
    problems.push({ key, problem: `is missing, but ${other} is there`, wanted });
  };
  if (fields.traffic_noise !== undefined && fields.traffic_model === undefined) {
    needs('traffic_model', 'traffic_noise', 'the path of a traffic model');
  }
  if (
    fields.traffic_model !== undefined &&
    fields.noise !== undefined &&
    fields.traffic_noise === undefined
  ) {
    needs('traffic_noise', 'traffic_model', "the path of a noise file for the model's counters");
  }
  if (fields.as_prefix_files !== undefined && fields.as_files.length === 0) {
    needs('as_files', 'as_prefix_files', 'lists of autonomous systems');
  }
  if (fields.as_prefix_files === undefined && fields.as_files.length > 0) {
    needs('as_prefix_files', 'as_files', 'a map with the keys 4 and 6 to files of prefixes');
  }
  return problems;
}

/** The original cuts longer periods to half a round; here the operator is told instead. */
function periodProblems(fields: TallyFields): Problem[] {
  const half = fields.collect_period / 2;
  return (['event_period', 'checkin_period'] as const)
    .filter((key) => fields[key] !== undefined && fields[key] > half)
    .map((key) => ({
      key,
      problem: 'is more than half of collect_period',
      wanted: `at most ${half / 1000}`,
    }));
}

/** What would be found out as a port that another program has taken, and by its own. */
function portProblems({ listen_host: host, listen_port: port, room, monitor }: TallyFields): Problem[] {
  const doors = [
    { name: 'listen_port', host, port },
    { name: 'room', host: room?.listenHost, port: room?.listenPort },
    { name: 'monitor', host: monitor?.listenHost, port: monitor?.listenPort },
  ] as const;
  return doors.flatMap((door, at) => {
    const other = doors.slice(0, at).find((each) => each.port === door.port && each.host === door.host);
    if (other === undefined || door.port === undefined) return [];
    return [{ key: door.name, problem: `listens where ${other.name} does`, wanted: 'another listen_port' }];
  });
}
