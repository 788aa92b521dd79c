import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deque } from '../../src/util/deque.js';
import { collectUntil } from '../support/garbage.js';

const command = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('push' as const), item: fc.option(fc.nat(), { nil: undefined }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('unshift' as const), item: fc.option(fc.nat(), { nil: undefined }) }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('shift' as const) }) },
);

describe('Deque', () => {
  it('a Deque behaves like an array in any sequence of calls', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 200, size: 'max' }), (commands) => {
        const deque = new Deque<number | undefined>();
        const model: (number | undefined)[] = [];
        for (const command of commands) {
          if (command.type === 'shift') {
            expect(deque.shift()).toBe(model.shift());
          } else {
            deque[command.type](command.item);
            model[command.type](command.item);
          }
          expect(deque.size).toBe(model.length);
          expect(deque.first).toBe(model[0]);
        }
        expect([...deque]).toEqual(model);
      }),
    );
  });

  it('a Deque keeps its order when it grows in the middle of a cycle', () => {
    const deque = new Deque<number>();
    for (let i = 0; i < 16; i++) deque.push(i);
    for (let i = 0; i < 5; i++) deque.shift();
    for (let i = 16; i < 40; i++) deque.push(i);
    deque.unshift(4);
    expect([...deque]).toEqual(Array.from({ length: 36 }, (_, i) => i + 4));
  });

  it('`first` returns the first item without removing it', () => {
    const deque = new Deque<number>();
    expect(deque.first).toBeUndefined();
    deque.push(1);
    deque.push(2);
    expect([deque.first, deque.first, deque.size]).toEqual([1, 1, 2]);
    deque.shift();
    expect(deque.first).toBe(2);
    deque.unshift(0);
    expect(deque.first).toBe(0);
    deque.clear();
    expect(deque.first).toBeUndefined();
  });

  it('a Deque is empty after clear() and can be used again', () => {
    const deque = new Deque<number>();
    for (let i = 0; i < 100; i++) deque.push(i);
    deque.clear();
    expect([deque.size, [...deque], deque.shift()]).toEqual([0, [], undefined]);
    deque.push(1);
    expect([...deque]).toEqual([1]);
  });

  it('a Deque keeps no item that was removed', async () => {
    const deque = new Deque<object>();
    const taken = (() => {
      deque.push({});
      deque.push({});
      return new WeakRef(deque.shift()!);
    })();
    await collectUntil(() => taken.deref() === undefined);
    expect(deque.size).toBe(1);
  });
});
