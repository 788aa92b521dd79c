import { expect, it } from 'vitest';
import { isShared, SHARED_MARK } from '../../src/protocol/shared-mark.js';

it('an object with the mark is a Shared, also from another copy of the library', () => {
  expect(isShared({ [Symbol.for('rx-futures.shared')]: true })).toBe(true);
  expect(isShared(Object.create({ [SHARED_MARK]: true }))).toBe(true);
  for (const other of [null, undefined, 1, {}, [], () => {}]) expect(isShared(other)).toBe(false);
});
