/** Arguments that are streams: what the call knows of them, and how often they can be read. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/engine/engine.js';
import { isSpent, readBefore, spend, streamAt } from '../../../src/engine/inputs/stream-argument.js';
import { call } from '../../../src/platform/context.js';
import { isMisuse } from '../../../src/protocol/misuse.js';
import { ResultStream } from '../../../src/stream/result-stream.js';

const engineOf = (ownsWorkers: boolean) => ({ name: 'mine', traits: { ownsWorkers } }) as Engine;

function* numbers() {
  yield 1;
}

describe('an argument that is a stream', () => {
  it('the stream of a task keeps its own highWaterMark, and any other source has none', () => {
    const mark = { values: 3, bytes: 5 };
    const stream = new ResultStream(() => ({ stop: () => {} }), 'count', mark);
    expect(streamAt(stream, 1, engineOf(true))).toMatchObject({ source: stream, position: 1, mark });
    expect(streamAt(numbers(), 0, engineOf(true)).mark).toBeUndefined();
  });

  it('the async context of the call is kept, so that the source runs in it later', () => {
    const store = new AsyncLocalStorage<string>();
    const { context } = store.run('call', () => streamAt(numbers(), 0, engineOf(true)));
    const seen: unknown[] = [];
    call(context, () => seen.push(store.getStore()), undefined, undefined);
    expect([...seen, store.getStore()]).toEqual(['call', undefined]);
  });

  it('the call throws a TypeError if the executor uses a queue', () => {
    const error = thrownBy(() => streamAt(numbers(), 2, engineOf(false)));
    expect(error).toBeInstanceOf(TypeError);
    expect(isMisuse(error)).toBe(true);
    expect((error as Error).message).toMatch(/^arguments\[2\] is a stream, but executor "mine" uses a queue/);
  });

  it('an iterator can be read once, and an object that starts a new one can be read again', () => {
    const [once, again] = [numbers(), { [Symbol.iterator]: numbers }];
    for (const source of [once, again]) {
      expect(isSpent(source)).toBe(false);
      spend(source);
    }
    expect([isSpent(once), isSpent(again)]).toEqual([true, false]);
  });

  it('the error of a second read names the argument and the task, and has a cause only if there is one', () => {
    expect(readBefore(1, 'sum').message).toMatch(/^arguments\[1\] of task "sum" was read before/);
    expect('cause' in readBefore(1, 'sum')).toBe(false);
    expect(readBefore(1, 'sum', 'first').cause).toBe('first');
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
}
