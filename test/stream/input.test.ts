import { Observable, of, Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { checkInput, open } from '../../src/stream/input.js';
import { failure } from '../support/ended.js';

describe('an iterator as input', () => {
  it('an iterator returns one item for each pull, then its end', () => {
    const { log, pull } = opened([1, undefined]);
    pull.start();
    expect(log).toEqual([]);
    for (let i = 0; i < 3; i++) pull.pull();
    expect(log).toEqual(['item 1', 'item undefined', 'ended']);
  });

  it('an async iterator returns one item at a time, even if pull is called several times meanwhile', async () => {
    const { log, pull } = opened(later([1, 2]));
    pull.pull();
    pull.pull();
    expect(log).toEqual([]);
    await eventLoopTurn();
    expect(log).toEqual(['item 1']);
    pull.pull();
    await eventLoopTurn();
    pull.pull();
    await eventLoopTurn();
    expect(log).toEqual(['item 1', 'item 2', 'ended']);
  });

  it('an input that is both iterable and async iterable is read as async', async () => {
    const { log, pull } = opened(Object.assign([1], { [Symbol.asyncIterator]: () => later([2]) }));
    pull.pull();
    await eventLoopTurn();
    expect(log).toEqual(['item 2']);
  });

  it.each([
    ['the error that next throws', () => iterator(fail)],
    ['a TypeError if next returns no result', () => iterator(() => 5 as never)],
  ])('the input fails with %s', async (_, make) => {
    const [sync, async] = [opened({ [Symbol.iterator]: make }), opened({ [Symbol.asyncIterator]: make })];
    for (const { pull } of [sync, async]) pull.pull();
    await eventLoopTurn();
    expect(sync.log).toEqual([expect.stringMatching(/^failed (Error: lost|TypeError: .*next\(\) returned 5)/)]);
    expect(async.log).toEqual(sync.log);
  });

  it("leave() calls the iterator's return, and an error of return is reported as a cleanup failure", async () => {
    const returned = vi.fn(fail);
    const make = () => iterator(() => ({ done: false, value: 1 }), returned);
    const [sync, async] = [opened({ [Symbol.iterator]: make }), opened({ [Symbol.asyncIterator]: make })];
    sync.pull.leave();
    async.pull.leave();
    await eventLoopTurn();
    expect(returned).toHaveBeenCalledTimes(2);
    expect([sync.log, async.log]).toEqual([['cleanup failed Error: lost'], ['cleanup failed Error: lost']]);
  });

  it('no item is emitted if the input is left during next, and return is called after next', () => {
    const returned = vi.fn(() => ({ done: true, value: undefined }));
    const next = () => {
      input.pull.leave();
      expect(returned, 'a generator is running still').not.toHaveBeenCalled();
      return { done: false, value: 1 };
    };
    const input = opened({ [Symbol.iterator]: () => iterator(next, returned) });
    input.pull.pull();
    expect([input.log, returned.mock.calls.length]).toEqual([[], 1]);
  });

  it('an error that next throws after it made the reader leave is reported as a cleanup failure', () => {
    const next = () => {
      input.pull.leave();
      return fail();
    };
    const input = opened({ [Symbol.iterator]: () => iterator(next) });
    input.pull.pull();
    expect(input.log).toEqual(['cleanup failed Error: lost']);
  });

  it('an iterator without return can be left', () => {
    const { log, pull } = opened({ [Symbol.iterator]: () => iterator(() => ({ done: true, value: undefined })) });
    pull.leave();
    expect(log).toEqual([]);
  });
});

describe('an Observable as input', () => {
  it('an Observable is subscribed to by start, and pull has no effect', () => {
    const { log, pull } = opened(of(1, 2));
    pull.pull();
    expect(log).toEqual([]);
    pull.start();
    expect(log).toEqual(['item 1', 'item 2', 'ended']);
  });

  it('an error of the Observable is reported', () => {
    const input = new Subject<number>();
    const { log, pull } = opened(input);
    pull.start();
    input.next(1);
    input.error(failure);
    expect(log).toEqual(['item 1', 'failed Error: lost']);
  });

  it('an Observable can be left while it is being subscribed to, and its end is not reported', () => {
    let emitted = 0;
    const endless = new Observable<number>((subscriber) => {
      while (!subscriber.closed) subscriber.next(++emitted);
    });
    const input = opened(endless, (item) => item === 'item 3' && input.pull.leave());
    input.pull.start();
    expect([input.log, emitted]).toEqual([['item 1', 'item 2', 'item 3'], 3]);
  });
});

describe('checkInput', () => {
  it.each([[[]], [new Set()], [of(1)], [later([])], [(function* () {})()]])('checkInput accepts %s', (input) => {
    expect(() => checkInput(input, 'map()', 'inputs')).not.toThrow();
  });

  it.each([['text'], [5], [null], [undefined], [{}], [{ next: () => {} }]])('checkInput throws for %j', (input) => {
    expect(() => checkInput(input, 'map()', 'inputs')).toThrow(/^map\(\): expected an iterable, .* of inputs, got /);
  });
});

function opened(input: unknown, each: (entry: string) => void = () => {}) {
  const log: string[] = [];
  const add = (entry: string) => {
    log.push(entry);
    each(entry);
  };
  const pull = open(input, {
    item: (item) => add(`item ${item}`),
    failed: (error) => add(`failed ${error}`),
    cleanupFailed: (error) => add(`cleanup failed ${error}`),
    ended: () => add('ended'),
  });
  return { log, pull };
}

function iterator(next: () => IteratorResult<unknown>, leave?: () => IteratorResult<unknown>) {
  return leave === undefined ? { next } : { next, return: leave };
}

async function* later<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function fail(): never {
  throw failure;
}
