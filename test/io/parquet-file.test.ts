import { parquetReadObjects, parquetSchema, parquetMetadata } from 'hyparquet';
import { expect } from 'chai';
import { toParquet } from '../../src/io/parquet-file.js';
import { compareExperiments } from '../../src/results/experiments.js';
import { COLUMNS, toResultRows } from '../../src/results/result-rows.js';
import { experimentOf } from '../results/results-of.js';

describe('results as Parquet', () => {
  const experiments = [
    experimentOf('one', { A: [['10', '-0.5'], 1 / 3], B: [[String(2n ** 100n)], undefined] }),
    experimentOf('two \u00e9', { A: [['1', '2'], 0] }),
  ];
  const rows = toResultRows(compareExperiments(experiments), experiments, {
    sigmas: 2,
    labels: 'range',
    wordsOf: () => undefined,
  });

  const written = async (): Promise<ArrayBuffer> => {
    const bytes = await toParquet(rows);
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  };

  it('are read back as they were, by a reader of other people', async () => {
    expect(await parquetReadObjects({ file: await written() })).to.deep.equal(rows);
  });

  it('have the columns of CSV, in the same order', async () => {
    const { children } = parquetSchema(parquetMetadata(await written()));
    expect(children.map(({ element }) => element.name)).to.deep.equal([...COLUMNS]);
  });

  it('may have no rows', async () => {
    const bytes = await toParquet([]);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    expect(await parquetReadObjects({ file })).to.deep.equal([]);
  });
});
