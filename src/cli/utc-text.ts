/** `2026-11-20 16:06:44`, of a time in milliseconds; what a file of a stranger says may be no time. */
export function toUtcText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString().slice(0, 19).replace('T', ' ');
}
