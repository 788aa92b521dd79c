import { expect, it } from 'vitest';
import { SharedValues } from '../../src/worker/shared-values.js';

it('values replace their ids, and the same object is returned each time', () => {
  const values = new SharedValues();
  const a = { a: 1 };
  values.add(1, a);
  values.add(2, undefined);
  const args = [1, 'x', 2, 0, 2, 2];
  values.resolve(args);
  expect(args).toEqual([a, 'x', undefined]);
  const others = ['y', 1, 1, 1];
  values.resolve(others);
  expect(others[1]).toBe(a);
});

it('a value is frozen when it arrives', () => {
  const values = new SharedValues();
  values.add(1, { list: [] });
  const args: any[] = [1, 0, 1];
  values.resolve(args);
  expect(Object.isFrozen(args[0].list)).toBe(true);
});

it('a value that was removed or never sent throws', () => {
  const values = new SharedValues();
  values.add(1, {});
  values.remove(1);
  expect(() => values.resolve([1, 0, 1])).toThrow(/does not have shared value 1/);
});
