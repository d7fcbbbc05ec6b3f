/** What every answer of the tally room carries. The page needs its own files only, and nobody may frame it or read it from elsewhere. */
import { type OutgoingHttpHeaders } from 'node:http';

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A chart has its styles in itself, and runs nothing. */
const CHART_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

export function securityHeaders(kind: 'page' | 'chart' = 'page'): OutgoingHttpHeaders {
  return {
    'content-security-policy': kind === 'page' ? PAGE_POLICY : CHART_POLICY,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  };
}
