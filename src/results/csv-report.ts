/** Results as comma-separated values (RFC 4180), a line for each bin of each experiment. */
import { COLUMNS, type ResultRow } from './result-rows.js';

/** With a line of columns. What is not known is empty. */
export function toCsv(rows: readonly ResultRow[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => toField(row[column])));
  return [COLUMNS, ...lines].map((fields) => `${fields.join(',')}\r\n`).join('');
}

const TEXT_NEEDS_QUOTES = /[",\r\n]/;
/** A spreadsheet would take such a text for a formula, and run it. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^-?(\d|Infinity$)/;

function toField(value: ResultRow[keyof ResultRow]): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? '1' : '0';
  const text = String(value);
  const safe = typeof value === 'string' && FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return TEXT_NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
