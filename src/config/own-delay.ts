/**
 * PrivCount's rule about rounds whose noise differs, as one node may want it for itself. network.yaml states it for all;
 * a node's own value counts where it is stricter.
 */
import { type z } from 'zod';
import { type DelayRule } from '../privacy/delay-rule.js';
import { flag, numberFrom, waitMs } from './fields.js';

export type OwnDelay = {
  readonly delayPeriodMs?: number | undefined;
  readonly alwaysDelay?: boolean | undefined;
  readonly sigmaDecreaseTolerance?: number | undefined;
};

/** The original wants at least about 1e-14: less is lost in rounding. */
const TOLERANCE_MIN = 1.1e-14;

export const ownDelayFields = {
  delay_period: waitMs().optional(),
  always_delay: flag().optional(),
  sigma_decrease_tolerance: numberFrom(TOLERANCE_MIN, 1).optional(),
};

export function toOwnDelay(fields: {
  [Key in keyof typeof ownDelayFields]?: z.output<(typeof ownDelayFields)[Key]>;
}): OwnDelay {
  return {
    delayPeriodMs: fields.delay_period,
    alwaysDelay: fields.always_delay,
    sigmaDecreaseTolerance: fields.sigma_decrease_tolerance,
  };
}

/** What a node keeps to: network.yaml's rule, or its own where that is stricter. */
export function strictestDelay(rule: DelayRule, own: OwnDelay): DelayRule {
  return {
    delayPeriodMs: Math.max(rule.delayPeriodMs, own.delayPeriodMs ?? 0),
    alwaysDelay: rule.alwaysDelay || (own.alwaysDelay ?? false),
    sigmaDecreaseTolerance: Math.min(rule.sigmaDecreaseTolerance, own.sigmaDecreaseTolerance ?? Infinity),
  };
}
