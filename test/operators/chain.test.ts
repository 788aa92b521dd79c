import { chain, Deferred, Executor, Future } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { EMPTY, EmptyError, NEVER, Observable, of, range, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { cancelledFuture, ending, failure } from '../support/ended.js';

describe('chain(fn) on a Future', () => {
  it('chain calls the function with the value, and returns a Future of the result', () => {
    const start = new Deferred<number>();
    const end = start.future.pipe(chain((n: number) => n * 2));
    expect(ending(end)).toBe('pending');
    start.resolve(4);
    expect(ending(end)).toBe('fulfilled 8');
  });

  it('chain calls the function once, with one argument, with or without subscribers', () => {
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
  ])('chain adopts the outcome of a step that returns %s', (_name, step, expected) => {
    expect(ending(Future.resolve(0).pipe(chain(step)))).toBe(expected);
  });

  it('chain waits for the promise that a step returns', async () => {
    await expect(Future.resolve(1).pipe(chain(async (n) => n + 1))).resolves.toBe(2);
    await expect(Future.resolve(1).pipe(chain(() => Promise.reject(failure)))).rejects.toBe(failure);
  });

  it('the future of a step is running while the future, promise or Observable that the step returned is pending', () => {
    const states = [new Deferred().future, new Promise(() => {}), NEVER].map(
      (inner) => Future.resolve(0).pipe(chain(() => inner as Promise<unknown>)).state,
    );
    expect(states).toEqual(['running', 'running', 'running']);
  });

  it('the future of a step is rejected with the same error that the step throws, including falsy errors', () => {
    for (const thrown of [failure, null, undefined, 0]) {
      const end = Future.resolve(0).pipe(
        chain(() => {
          throw thrown;
        }),
      );
      expect(end.outcome).toMatchObject({ status: 'rejected', reason: thrown });
    }
  });

  it('the future of a step is rejected if the then of a returned thenable throws', async () => {
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

  it('a failure or a cancellation skips the later steps, and the last future ends with the same error', () => {
    const step = vi.fn();
    const failed = Future.reject(failure).pipe(chain(step), chain(step));
    const cancelled = cancelledFuture().pipe(chain(step), chain(step));
    expect([ending(failed), ending(cancelled)]).toEqual(['rejected Error: lost', 'cancelled enough']);
    expect(failed.outcome?.status === 'rejected' && failed.outcome.reason).toBe(failure);
    expect(step).not.toHaveBeenCalled();
  });

  it('a cancelled step unsubscribes from the Observable that it returned', () => {
    const left = vi.fn();
    const end = Future.resolve(0).pipe(chain(() => new Observable(() => left)));
    end.cancel();
    expect(left).toHaveBeenCalledTimes(1);
  });

  it('a step can cancel its own future', () => {
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

  it('the future of a step has the name of its function', () => {
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
  ])('chain throws at the call if the step is %s', (kind, step) => {
    expect(() => chain(step as never)).toThrow(
      new TypeError(
        `chain(step): expected a task or a function, got ${kind}. Pass a task of executor.tasks, or a function of one value.`,
      ),
    );
  });
});

describe('chain(task)', () => {
  it('a chain passes the value to the next task, or to a function that returns a future of a task', async () => {
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

  it('chaining onto a task of a closed executor returns a rejected future', async () => {
    const executor = new Executor({ tasks: new URL('../types/tasks.js', import.meta.url), backend: inlineBackend() });
    const { parse } = (executor as Executor<typeof import('../types/tasks.js')>).tasks;
    await executor.shutdown();
    await expect(Future.resolve('html').pipe(chain(parse))).rejects.toMatchObject({ code: 'ERR_EXECUTOR_SHUTDOWN' });
  });

  it('chain with a task acts as concatMap on an Observable', async () => {
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
