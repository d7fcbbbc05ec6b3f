/** `BW` (spec/tor-metrics.md): each second, the bytes that the relay has read and written in it. */
import { standardTable } from './event-parser.js';
import { integer } from './fields.js';

const COUNT = { min: 0 };

export const BANDWIDTH = standardTable('BW', { read: integer(COUNT), written: integer(COUNT) }, {});
