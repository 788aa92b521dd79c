import { expect, it } from 'vitest';
import { isMisuse, misuse } from '../../src/protocol/misuse.js';

it('only errors that misuse() has created are thrown by the call', () => {
  const error = misuse('wrong place');
  expect(error).toBeInstanceOf(TypeError);
  expect([isMisuse(error), isMisuse(new TypeError('wrong place')), isMisuse(undefined)]).toEqual([true, false, false]);
});
