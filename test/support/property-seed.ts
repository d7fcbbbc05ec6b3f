/**
 * Property tests draw the same cases in every run, so that a failure is a failure of the change at hand and not of the draw.
 * PRIVCOUNT_PROPERTY_SEED draws others: a number, or "random".
 */
import fc from 'fast-check';

const DEFAULT_SEED = 20_261_121;
const given = process.env['PRIVCOUNT_PROPERTY_SEED'];

if (given !== 'random') fc.configureGlobal({ seed: given === undefined ? DEFAULT_SEED : Number(given) });
