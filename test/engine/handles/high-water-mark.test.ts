import { expect, it } from 'vitest';
import { markOf } from '../../../src/engine/handles/high-water-mark.js';

it.each([
  [undefined, { values: 1_024, bytes: 16_777_216 }],
  [5, { values: 5, bytes: 16_777_216 }],
  [{}, { values: 1_024, bytes: 16_777_216 }],
  [{ values: 5 }, { values: 5, bytes: 16_777_216 }],
  [{ bytes: 7 }, { values: 1_024, bytes: 7 }],
  [
    { values: 5, bytes: Number.POSITIVE_INFINITY },
    { values: 5, bytes: Number.POSITIVE_INFINITY },
  ],
])('markOf() adds the defaults to %j', (highWaterMark, mark) => {
  expect(markOf(highWaterMark === undefined ? {} : { highWaterMark })).toEqual(mark);
});
