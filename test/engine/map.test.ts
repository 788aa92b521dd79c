/**
 * The timing of `map`, in virtual time. A task is an Observable here. It is subscribed to when the
 * task starts, and unsubscribed from when the task has ended or is cancelled.
 */
import { Deferred, type MapOptions } from 'rx-futures';
import { map, type Observable } from 'rxjs';
import { describe, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import type { TaskInfo } from '../../src/engine/handles/task-info.js';
import { mapStream } from '../../src/engine/map.js';
import { detachedOwner } from '../../src/future/detached.js';
import { failure, show } from '../support/ended.js';
import { marbles } from '../support/marbles.js';

describe('map, in time', () => {
  it('map emits results in the order of the inputs, so that results wait behind a slow one', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold('            -------x|      ');
      const b = cold('               -y|         ');
      const c = cold('                  -----z|  ');
      const source = cold('       a--b--c|       ');
      const expected = '          -------(xy)(z|)';
      const sourceSubs = '        ^------!       ';
      const taskSubs = ['         ^------!       ', '---^!', '------^----!'];
      expectObservable(mapped(source, { a, b, c })).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
      for (const [i, task] of [a, b, c].entries()) expectSubscriptions(task.subscriptions).toBe(taskSubs[i]!);
    });
  });

  it('an unordered map emits each result when its task has settled', () => {
    marbles(({ cold, expectObservable }) => {
      const a = cold('     -------x|      ');
      const b = cold('        -y|         ');
      const c = cold('           -----z|  ');
      const source = cold('a--b--c|       ');
      const expected = '   ----y--x---(z|)';
      expectObservable(mapped(source, { a, b, c }, { ordered: false })).toBe(expected);
    });
  });

  it('map runs at most `concurrency` tasks and starts the next one after a result', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold('     -------x|         ');
      const b = cold('            -y|        ');
      const c = cold('             -----z|   ');
      const source = cold('a--b--c|          ');
      const expected = '   -------xy----(z|) ';
      const subsOfB = '    -------^!         ';
      const subsOfC = '    --------^----!    ';
      expectObservable(mapped(source, { a, b, c }, { concurrency: 1 })).toBe(expected);
      expectSubscriptions(b.subscriptions).toBe(subsOfB);
      expectSubscriptions(c.subscriptions).toBe(subsOfC);
    });
  });

  it('map counts inputs whose results wait behind a slow one', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold('     -------x|    ');
      const b = cold('     -y|          ');
      const c = cold('            -z|   ');
      const source = cold('(abc|)       ');
      const expected = '   -------(xy)  '; // and z, at a time that a group can't show
      const subsOfC = '    -------^!    ';
      expectObservable(mapped(source, { a, b, c }, { concurrency: 2 }), '--------!').toBe(expected);
      expectSubscriptions(c.subscriptions).toBe(subsOfC);
    });
  });

  it('map ends with the first failure after the results before it, and cancels the rest', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold('     -------x|     ', undefined);
      const b = cold('        -#         ', undefined, failure);
      const c = cold('           -----z| ');
      const source = cold('a--b--c----a  ');
      const expected = '   -------(x#)   ';
      const subsOfC = '    ------^!      ';
      const sourceSubs = ' ^------!      ';
      expectObservable(mapped(source, { a, b, c })).toBe(expected, undefined, failure);
      expectSubscriptions(c.subscriptions).toBe(subsOfC);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
    });
  });

  it('an unordered map ends with the first failure at once', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold('     -------x|   ');
      const b = cold('        -#       ', undefined, failure);
      const source = cold('a--b--c|    ');
      const expected = '   ----#       ';
      const subsOfA = '    ^---!       ';
      expectObservable(mapped(source, { a, b }, { ordered: false })).toBe(expected, undefined, failure);
      expectSubscriptions(a.subscriptions).toBe(subsOfA);
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
  });

  it('map continues after failures with the option settle', () => {
    marbles(({ cold, expectObservable }) => {
      const a = cold('     -------x|      ');
      const b = cold('        -#          ', undefined, failure);
      const c = cold('           -----z|  ');
      const source = cold('a--b--c|       ');
      const expected = '   -------(xy)(z|)';
      const outcomes = mapped(source, { a, b, c }, { settle: true }) as Observable<any>;
      expectObservable(outcomes.pipe(map(show))).toBe(expected, {
        x: 'fulfilled x',
        y: 'rejected Error: lost',
        z: 'fulfilled z',
      });
    });
  });

  it('map ends with the failure of its input after the results of the items before it', () => {
    marbles(({ cold, expectObservable }) => {
      const a = cold('     -------x|   ');
      const b = cold('        -y|      ');
      const source = cold('a--b-#      ', undefined, failure);
      const expected = '   -------(xy#)';
      expectObservable(mapped(source, { a, b })).toBe(expected, undefined, failure);
    });
  });

  it('map ends with its input if no task is in flight', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(mapped(cold('----|'), {})).toBe('----|');
      expectObservable(mapped(cold('----#', undefined, failure), {})).toBe('----#', undefined, failure);
      expectObservable(mapped(cold('a----|'), { a: cold('-x|') })).toBe('-x---|');
    });
  });

  it('leaving a map cancels its tasks and unsubscribes from its input', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold('     -------x|');
      const b = cold('        -----y|');
      const source = cold('a--b--c|');
      const leaving = '    -----!   ';
      const expected = '   ------   ';
      expectObservable(mapped(source, { a, b }), leaving).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe('^----!');
      expectSubscriptions(a.subscriptions).toBe('     ^----!');
      expectSubscriptions(b.subscriptions).toBe('     ---^-!');
    });
  });

  it('each subscriber of a map gets its own pass over the input', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold('            --x|   ');
      const source = cold('       a-|    ');
      const stream = mapped(source, { a });
      const early = '             --(x|) ';
      const late = '              -----(x|)';
      expectObservable(stream).toBe(early);
      expectObservable(stream, '  ---^').toBe(late);
      expectSubscriptions(a.subscriptions).toBe(['^-!', '---^-!']);
    });
  });
});

/**
 * Runs `map` over `source`, whose items name their tasks. By default there is room for four tasks.
 */
function mapped(source: Observable<string>, tasks: Record<string, Observable<string>>, options?: MapOptions) {
  const run = (_task: TaskInfo, [input]: [string]) => {
    const deferred = new Deferred<string>();
    const subscription = tasks[input]!.subscribe({
      next: (value) => deferred.resolve(value),
      error: (error) => deferred.reject(error),
    });
    deferred.future.addDoneCallback(() => subscription.unsubscribe());
    return deferred.future;
  };
  const engine = {
    ...detachedOwner,
    run,
    follow: () => {},
    unfollow: () => {},
    refusal: () => undefined,
    prefetchLimit: 4,
  };
  return mapStream(engine as unknown as Engine, { name: 'task', options: {} } as TaskInfo, source, options);
}
