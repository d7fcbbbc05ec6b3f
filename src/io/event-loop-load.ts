import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { type Load } from '../roles/ports.js';

export function eventLoopLoad(): Load {
  let last: EventLoopUtilization | undefined;
  return {
    utilization: () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = last === undefined ? now : performance.eventLoopUtilization(now, last);
      last = now;
      return utilization;
    },
  };
}
