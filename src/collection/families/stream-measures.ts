/** What is measured of an exit stream: the amounts and values of `PRIVCOUNT_STREAM_ENDED`, and the names that take them. */
import { ONE } from '../adder.js';
import { histogram, type Measure, total } from '../catalogue/entry.js';

export const STREAM_AMOUNTS = { total: 1, outbound: 2, inbound: 3 } as const;
/** With `ONE`. */
export const STREAM_AMOUNT_COUNT = 4;

export const STREAM_VALUES = {
  total: 0,
  outbound: 1,
  inbound: 2,
  ratio: 3,
  lifeTime: 4,
  exactList: 5,
  suffixList: 6,
} as const;
export const STREAM_VALUE_COUNT = 7;

export const STREAM_COUNTS: readonly Measure[] = [
  total('Count', ONE, 'streams', 'Number of'),
  total('ByteCount', STREAM_AMOUNTS.total, 'bytes', 'Bytes both ways on'),
  total('OutboundByteCount', STREAM_AMOUNTS.outbound, 'bytes', 'Bytes to the server on'),
  total('InboundByteCount', STREAM_AMOUNTS.inbound, 'bytes', 'Bytes from the server on'),
];

export const STREAM_HISTOGRAMS: readonly Measure[] = [
  histogram('ByteHistogram', STREAM_VALUES.total, 'bytes', 'Bytes both ways per stream'),
  histogram('OutboundByteHistogram', STREAM_VALUES.outbound, 'bytes', 'Bytes to the server per stream'),
  histogram('InboundByteHistogram', STREAM_VALUES.inbound, 'bytes', 'Bytes from the server per stream'),
  histogram(
    'ByteRatio',
    STREAM_VALUES.ratio,
    'log2(outbound/inbound bytes)',
    'Ratio of outbound to inbound bytes per stream',
  ),
  histogram('LifeTime', STREAM_VALUES.lifeTime, 'seconds', 'Seconds from creation to end per stream'),
];
