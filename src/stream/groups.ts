/**
 * Groups of tasks that a program reads as one stream: each reading of `asCompleted` and of `map`. A
 * dashboard watches them. Without a watcher, a reading costs one comparison.
 */
import type { Production, Sink } from './result-stream.js';

/** One reading of a stream. The numbers change until it has ended. */
export interface Group {
  readonly id: number;
  readonly name: string;
  /** Time of the start, in ms since the epoch. */
  readonly startedAt: number;
  /** Number of values that the stream will emit, as far as it is known. */
  total: number | undefined;
  /** Number of values that the stream has emitted. */
  done: number;
  /** Number of these values that are outcomes of failed tasks. */
  failed: number;
  /** How the reading has ended. A reader may leave before the last value. */
  end: 'completed' | 'failed' | 'left' | undefined;
  endedAt: number | undefined;
}

export interface GroupWatcher {
  /** Called with each new group. */
  opened(group: Group): void;
  /** Returns the time in ms since the epoch. */
  now(): number;
}

const watchers = new Set<GroupWatcher>();
let lastId = 0;

/** Watches the groups that start from now on. Returns a function that ends that. */
export function watchGroups(watcher: GroupWatcher): () => void {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

/**
 * Returns a producer whose readings are groups while there is a watcher.
 *
 * @param hasOutcomes the values are outcomes, so that failures can be counted
 */
export function grouped<T>(
  name: string,
  hasOutcomes: boolean,
  produce: (sink: Sink<T>) => Production<T>,
): (sink: Sink<T>) => Production<T> {
  return (sink) => (watchers.size === 0 ? produce(sink) : watched(name, hasOutcomes, produce, sink));
}

function watched<T>(
  name: string,
  hasOutcomes: boolean,
  produce: (sink: Sink<T>) => Production<T>,
  sink: Sink<T>,
): Production<T> {
  const [first] = [...watchers] as [GroupWatcher];
  const now = () => first.now();
  const group: Group = {
    id: ++lastId,
    name,
    startedAt: now(),
    total: undefined,
    done: 0,
    failed: 0,
    end: undefined,
    endedAt: undefined,
  };
  const end = (how: Group['end']) => {
    if (group.end !== undefined) return;
    group.end = how;
    group.endedAt = now();
  };
  for (const watcher of watchers) watcher.opened(group);
  const production = produce({
    next(value) {
      group.done++;
      if (hasOutcomes && (value as { status?: unknown }).status === 'rejected') group.failed++;
      return sink.next(value);
    },
    error(error) {
      end('failed');
      sink.error(error);
    },
    complete() {
      end('completed');
      sink.complete();
    },
    get isClosed() {
      return sink.isClosed;
    },
    get buffered() {
      return sink.buffered;
    },
    expect(total) {
      group.total = total;
      sink.expect?.(total);
    },
  });
  return {
    stop() {
      end('left');
      production.stop();
    },
    valueRead: production.valueRead === undefined ? undefined : (value) => production.valueRead!(value),
  };
}
