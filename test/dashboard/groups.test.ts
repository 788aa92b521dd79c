import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Group, watchGroups } from '../../src/dashboard/groups.js';
import { grouped } from '../../src/stream/groups.js';
import { ResultStream, type Sink } from '../../src/stream/result-stream.js';

/** A stream whose values the test emits. */
function makeStream(hasOutcomes = false) {
  const sinks: Sink<unknown>[] = [];
  const stop = vi.fn();
  const read = (sink: Sink<unknown>) => {
    sinks.push(sink);
    return { stop };
  };
  return { stream: new ResultStream<unknown>(grouped('numbers', hasOutcomes, read)), sinks, stop };
}

function watch() {
  const groups: Group[] = [];
  const unwatch = watchGroups((group) => void groups.push(group));
  onTestFinished(unwatch);
  return { groups, unwatch };
}

describe('the groups of streams', () => {
  it('each reading is a group, which counts its values', () => {
    const { groups } = watch();
    const { stream, sinks } = makeStream();
    const values: unknown[] = [];
    stream.subscribe((value) => values.push(value));
    sinks[0]!.expect!(2);
    sinks[0]!.next('a');
    expect(groups).toMatchObject([
      { name: 'numbers', startedAt: expect.any(Number), total: 2, done: 1, end: undefined },
    ]);
    sinks[0]!.next('b');
    sinks[0]!.complete();
    expect(groups).toMatchObject([{ done: 2, end: 'completed', endedAt: expect.any(Number) }]);
    expect(values).toEqual(['a', 'b']);
  });

  it('failed outcomes are counted if the values are outcomes', () => {
    const { groups } = watch();
    for (const hasOutcomes of [true, false]) {
      const { stream, sinks } = makeStream(hasOutcomes);
      stream.subscribe();
      sinks[0]!.next({ status: 'rejected' });
    }
    expect(groups.map(({ failed }) => failed)).toEqual([1, 0]);
  });

  it('a group ends when its reader leaves, and when it fails', () => {
    const { groups } = watch();
    const { stream, sinks, stop } = makeStream();
    stream.subscribe().unsubscribe();
    stream.subscribe({ error: () => {} });
    sinks[1]!.error(new Error('lost'));
    expect(groups.map(({ end }) => end)).toEqual(['left', 'failed']);
    expect(stop).toHaveBeenCalledTimes(2);
  });

  it('the producer receives the sink of the reader itself if there is no watcher', () => {
    const { groups, unwatch } = watch();
    unwatch();
    const { stream, sinks } = makeStream();
    stream.subscribe();
    expect(sinks[0]!.expect).toBeUndefined();
    expect(groups).toEqual([]);
  });
});
