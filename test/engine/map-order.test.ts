import { Deferred } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { AsTheyCome, InOrder, type Items } from '../../src/engine/map-order.js';

type Input = Deferred<number>;

describe('the order of the results of map', () => {
  it('a finished item waits behind an unfinished one if the order is that of the inputs', () => {
    const [a, b, c] = inputs(3);
    const items = filled(new InOrder<Input>(), [a, b, c]);
    b.resolve(2);
    expect(emitted(items, b)).toEqual([]);
    a.resolve(1);
    expect(emitted(items, a)).toEqual([a, b]);
    expect([...items]).toEqual([c]);
  });

  it('each item is emitted when it settles if the order is that of the tasks', () => {
    const [a, b, c] = inputs(3);
    const items = filled(new AsTheyCome<Input>(), [a, b, c]);
    b.resolve(2);
    expect(emitted(items, b)).toEqual([b]);
    expect(emitted(items, b)).toEqual([]);
    expect([...items]).toEqual([a, c]);
  });

  it('both orders forget their items in clear()', () => {
    for (const items of [new InOrder<Input>(), new AsTheyCome<Input>()]) {
      filled(items, inputs(2)).clear();
      expect([items.size, [...items]]).toEqual([0, []]);
    }
  });
});

function inputs(count: number): [Input, Input, Input] {
  return Array.from({ length: count }, () => new Deferred<number>()) as [Input, Input, Input];
}

function filled(items: Items<Input>, inputs: readonly Input[]): Items<Input> {
  for (const input of inputs) items.add(input);
  return items;
}

/** The items that are emitted after `settled` has settled. */
function emitted(items: Items<Input>, settled: Input): Input[] {
  const out: Input[] = [];
  for (let next = items.next(settled); next !== undefined; next = items.next(undefined)) out.push(next);
  return out;
}
