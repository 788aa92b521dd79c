/** Watches groups of tasks that a program reads as one stream. All dashboards see each group. */
import { now } from '#platform/time';
import { type Reading, setGroupWatcher } from '../stream/groups.js';
import type { Production, Sink } from '../stream/result-stream.js';

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

type Opened = (group: Group) => void;

const listeners = new Set<Opened>();
let lastId = 0;

/** Calls `opened` with each group that starts from now on. Returns a function that ends this. */
export function watchGroups(opened: Opened): () => void {
  listeners.add(opened);
  setGroupWatcher(watch);
  return () => {
    listeners.delete(opened);
    if (listeners.size === 0) setGroupWatcher(undefined);
  };
}

function watch<T>({ name, hasOutcomes, produce }: Reading<T>, sink: Sink<T>): Production<T> {
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
  for (const opened of listeners) opened(group);
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
