/** When `map` does what, in virtual time. A task is an Observable here: subscribed to when it begins, left when it has ended or is cancelled. */
import { Deferred, type MapOptions } from 'rx-futures';
import { map, type Observable } from 'rxjs';
import { describe, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import type { TaskInfo } from '../../src/engine/handles/task.js';
import { mapStream } from '../../src/engine/map.js';
import { detachedOwner } from '../../src/future/detached.js';
import { failure, show } from '../support/ended.js';
import { marbles } from '../support/marbles.js';

describe('map, in time', () => {
  it('gives results in the order of the inputs: those behind a slow one wait for it', () => {
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

  it('gives them as they come, where their order is of no matter', () => {
    marbles(({ cold, expectObservable }) => {
      const a = cold('     -------x|      ');
      const b = cold('        -y|         ');
      const c = cold('           -----z|  ');
      const source = cold('a--b--c|       ');
      const expected = '   ----y--x---(z|)';
      expectObservable(mapped(source, { a, b, c }, { ordered: false })).toBe(expected);
    });
  });

  it('begins no more than concurrency allows, and the next when one has given its result', () => {
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

  it('counts those that wait behind a slow one: their results are held', () => {
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

  it('ends with the first failure after the results before it, and cancels the rest', () => {
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

  it('ends with it at once, where their order is of no matter', () => {
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

  it('goes on after failures with settle', () => {
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

  it('ends with the failure of its input after the results of what that has given', () => {
    marbles(({ cold, expectObservable }) => {
      const a = cold('     -------x|   ');
      const b = cold('        -y|      ');
      const source = cold('a--b-#      ', undefined, failure);
      const expected = '   -------(xy#)';
      expectObservable(mapped(source, { a, b })).toBe(expected, undefined, failure);
    });
  });

  it('ends with its input where nothing is at hand', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(mapped(cold('----|'), {})).toBe('----|');
      expectObservable(mapped(cold('----#', undefined, failure), {})).toBe('----#', undefined, failure);
      expectObservable(mapped(cold('a----|'), { a: cold('-x|') })).toBe('-x---|');
    });
  });

  it('cancels what it has begun when it is left, and leaves its input', () => {
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

  it('is a pass of its own for each subscriber', () => {
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

/** `map` over `source`, each of whose items names its task. There is room for four by default. */
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
