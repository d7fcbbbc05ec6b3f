/** Payloads of viterbi events for property tests. */
import fc from 'fast-check';

const state = fc.constantFrom('sActive', 'sDwell', 'sPlain', 'sEnd', 'x', 'xDwell', 'xActive', '', 'sé');
const delay = fc.oneof(
  { arbitrary: fc.nat({ max: 1_000_000 }).map(String), weight: 8 },
  {
    arbitrary: fc.constantFrom(
      '0',
      '1',
      '2',
      '9007199254740991',
      '9007199254740992',
      '-5',
      '1.9',
      '1e3',
      '"12"',
      '"x"',
      'null',
      '01',
      '[]',
    ),
    weight: 2,
  },
);
const step = fc.oneof(
  {
    arbitrary: fc
      .tuple(state, fc.constantFrom('$', 'F', '+', '-', 'y'), delay)
      .map(([s, o, d]) => `["${s}";"${o}";${d}]`),
    weight: 30,
  },
  {
    arbitrary: fc.constantFrom('["s"]', '[]', '["sActive";"$";5;6]', '5', '"abc"', '[1;2;3]'),
    weight: 1,
  },
);
/** Paths as Tor words them, with odd and broken ones among them; no spaces. */
export const payload: fc.Arbitrary<string> = fc.oneof(
  {
    arbitrary: fc.array(step, { maxLength: 8 }).map((steps) => `[${steps.join(';')}]`.replaceAll(' ', '')),
    weight: 20,
  },
  {
    arbitrary: fc.constantFrom(
      '[]',
      '[',
      ']',
      '{}',
      '5',
      '"x"',
      'null',
      '[[]]',
      '[["sActive";"$";1]',
      '[["sActive";"$";1];]',
    ),
    weight: 1,
  },
);
