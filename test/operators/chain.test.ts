import { chain, Deferred, Executor, Future } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { EMPTY, EmptyError, NEVER, Observable, of, range, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { cancelledFuture, ending, failure } from '../support/ended.js';

describe('chain(fn) on a Future', () => {
  it('calls the function with the value, and is a Future of what it gives', () => {
    const start = new Deferred<number>();
    const end = start.future.pipe(chain((n: number) => n * 2));
    expect(ending(end)).toBe('pending');
    start.resolve(4);
    expect(ending(end)).toBe('fulfilled 8');
  });

  it('calls the function once, with one argument, with or without subscribers', () => {
    const step = vi.fn((n: number) => n);
    const end = Future.resolve(1).pipe(chain(step));
    end.subscribe();
    end.subscribe();
    expect(step.mock.calls).toEqual([[1]]);
  });

  it.each<[string, () => unknown, string]>([
    ['a value', () => 1, 'fulfilled 1'],
    ['undefined', () => undefined, 'fulfilled undefined'],
    ['a Future', () => Future.resolve(1), 'fulfilled 1'],
    ['a Future that fails', () => Future.reject(failure), 'rejected Error: lost'],
    ['a Future that is cancelled', () => cancelledFuture(), 'cancelled enough'],
    ['an Observable, of which it takes the last value', () => range(1, 3), 'fulfilled 3'],
    ['an Observable that fails', () => throwError(() => failure), 'rejected Error: lost'],
    ['an Observable without a value', () => EMPTY, `rejected ${new EmptyError()}`],
  ])('goes on with what a step makes that returns %s', (_name, step, expected) => {
    expect(ending(Future.resolve(0).pipe(chain(step)))).toBe(expected);
  });

  it('waits for the promise that a step returns', async () => {
    await expect(Future.resolve(1).pipe(chain(async (n) => n + 1))).resolves.toBe(2);
    await expect(Future.resolve(1).pipe(chain(() => Promise.reject(failure)))).rejects.toBe(failure);
  });

  it('is running while the step’s own future, promise or Observable is waited for', () => {
    const states = [new Deferred().future, new Promise(() => {}), NEVER].map(
      (inner) => Future.resolve(0).pipe(chain(() => inner as Promise<unknown>)).state,
    );
    expect(states).toEqual(['running', 'running', 'running']);
  });

  it('is rejected with the very error that the step throws, falsy ones included', () => {
    for (const thrown of [failure, null, undefined, 0]) {
      const end = Future.resolve(0).pipe(
        chain(() => {
          throw thrown;
        }),
      );
      expect(end.outcome).toMatchObject({ status: 'rejected', reason: thrown });
    }
  });

  it('is rejected where the then of a thenable throws', async () => {
    const start = new Deferred<number>();
    const thenable = {
      then() {
        throw failure;
      },
    };
    const end = start.future.pipe(chain(() => thenable as unknown as Promise<number>));
    expect(() => start.resolve(0)).not.toThrow();
    await expect(end).rejects.toBe(failure);
  });

  it('skips the step after a failure or a cancellation, and ends with the very same error', () => {
    const step = vi.fn();
    const failed = Future.reject(failure).pipe(chain(step), chain(step));
    const cancelled = cancelledFuture().pipe(chain(step), chain(step));
    expect([ending(failed), ending(cancelled)]).toEqual(['rejected Error: lost', 'cancelled enough']);
    expect(failed.outcome?.status === 'rejected' && failed.outcome.reason).toBe(failure);
    expect(step).not.toHaveBeenCalled();
  });

  it('unsubscribes from the Observable that its step returned when it is cancelled', () => {
    const left = vi.fn();
    const end = Future.resolve(0).pipe(chain(() => new Observable(() => left)));
    end.cancel();
    expect(left).toHaveBeenCalledTimes(1);
  });

  it('may be cancelled by its own step', () => {
    const start = new Deferred<number>();
    const end: Future<number> = start.future.pipe(
      chain((n: number) => {
        end.cancel('enough');
        return n;
      }),
    );
    start.resolve(1);
    expect(ending(end)).toBe('cancelled enough');
  });

  it('is named after its function', () => {
    function double(n: number) {
      return n * 2;
    }
    expect(Future.resolve(1).pipe(chain(double)).name).toBe('chain(double)');
    expect(Future.resolve(1).pipe(chain((n) => n)).name).toBe('chain(function)');
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['number', 5],
    ['object', {}],
  ])('refuses %s for a step at the call', (kind, step) => {
    expect(() => chain(step as never)).toThrow(
      new TypeError(`chain(step): expected a task or a function, got ${kind}`),
    );
  });
});

describe('chain(task)', () => {
  it('goes on with the value where the tasks are, or with the future that a step calls one for', async () => {
    await using executor = new Executor<typeof import('../types/tasks.js')>({
      tasks: new URL('../types/tasks.js', import.meta.url),
      backend: inlineBackend(),
    });
    const { fetchPage, parse, save } = executor.tasks;
    const tasks = fetchPage('a').pipe(chain(parse), chain(save));
    const mixed = fetchPage('b').pipe(
      chain((html) => parse(html)),
      chain(save),
    );
    expect([(await tasks).url, (await mixed).url]).toEqual(['a', 'b']);
  });

  it('of a closed executor gives a rejected future', async () => {
    const executor = new Executor({ tasks: new URL('../types/tasks.js', import.meta.url), backend: inlineBackend() });
    const { parse } = (executor as Executor<typeof import('../types/tasks.js')>).tasks;
    await executor.shutdown();
    await expect(Future.resolve('html').pipe(chain(parse))).rejects.toMatchObject({ code: 'ERR_EXECUTOR_SHUTDOWN' });
  });

  it('is concatMap on an Observable', async () => {
    await using executor = new Executor<typeof import('../types/tasks.js')>({
      tasks: new URL('../types/tasks.js', import.meta.url),
      backend: inlineBackend(),
    });
    const pages = of('<a>', '<b>').pipe(chain(executor.tasks.parse));
    const seen: string[] = [];
    await pages.forEach((page) => void seen.push(page.url));
    expect(seen).toEqual(['a', 'b']);
  });
});
