/** Rows of results as a Parquet file. The library is loaded when one is written. */
import { type ResultRow } from '../results/result-rows.js';

type Column = { readonly name: keyof ResultRow; readonly type: 'STRING' | 'DOUBLE' | 'INT32' | 'BOOLEAN' };

const COLUMNS: readonly Column[] = [
  { name: 'experiment', type: 'STRING' },
  { name: 'round_id', type: 'STRING' },
  { name: 'begin', type: 'DOUBLE' },
  { name: 'end', type: 'DOUBLE' },
  { name: 'counter', type: 'STRING' },
  { name: 'bin', type: 'INT32' },
  { name: 'bin_low', type: 'DOUBLE' },
  { name: 'bin_high', type: 'DOUBLE' },
  { name: 'bin_label', type: 'STRING' },
  { name: 'total', type: 'STRING' },
  { name: 'value', type: 'DOUBLE' },
  { name: 'sigma', type: 'DOUBLE' },
  { name: 'interval_low', type: 'DOUBLE' },
  { name: 'interval_high', type: 'DOUBLE' },
  { name: 'confidence', type: 'DOUBLE' },
  { name: 'noisy', type: 'BOOLEAN' },
];

export async function toParquet(rows: readonly ResultRow[]): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const columnData = COLUMNS.map(({ name, type }) => ({
    name,
    type,
    nullable: true,
    data: rows.map((row) => row[name]),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
