/** Keys: the option of a task and of `map`, and what a task reads. */
import { Executor } from 'rx-futures';
import { currentTask } from 'rx-futures/worker';
import { describe, expectTypeOf, it } from 'vitest';

interface Module {
  save(order: { user: string; id: number }): Promise<number>;
}

const executor = new Executor<Module>();

describe('the types of keys', () => {
  it('a key is a string or a number', () => {
    executor.tasks.save.with({ key: 'ann' });
    executor.with({ key: 7 });
    // @ts-expect-error a key can't be an object
    executor.with({ key: {} });
    // @ts-expect-error a key can't be a symbol
    executor.tasks.save.with({ key: Symbol('ann') });
  });

  it('the option "key" of map receives an input, by handle, by name and by function', () => {
    const orders = [{ user: 'ann', id: 1 }];
    const key = (order: { user: string }) => order.user;
    expectTypeOf(executor.map(executor.tasks.save, orders, { key })).toEqualTypeOf(
      executor.map(executor.tasks.save, orders),
    );
    executor.map(executor.tasks.save, orders, { key: ({ user }) => user });
    executor.map('save', orders, { key: ({ id }) => id, settle: true });
    executor.map((order: { id: number }) => order.id, orders, { key: (order) => order.id });
    // @ts-expect-error an input has no such property
    executor.map(executor.tasks.save, orders, { key: ({ name }) => name });
    // @ts-expect-error a key can't be a boolean
    executor.map(executor.tasks.save, orders, { key: ({ id }) => id > 1 });
  });

  it('a task reads its key', () => {
    expectTypeOf(currentTask().key).toEqualTypeOf<string | number | undefined>();
  });
});
