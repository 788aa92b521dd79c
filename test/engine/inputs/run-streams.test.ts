/** The streams of one run: which sources are open, and what another attempt may read. */
import { describe, expect, it } from 'vitest';
import type { FeedTarget } from '../../../src/engine/inputs/feed.js';
import { RunStreams } from '../../../src/engine/inputs/run-streams.js';
import type { StreamArgument } from '../../../src/engine/inputs/stream-argument.js';
import type { TaskRun } from '../../../src/engine/run/task-run.js';
import { here } from '../../../src/platform/context.js';
import type { ToInput } from '../../../src/protocol/stream/messages.js';

/** A run on a worker, and the sources that are its arguments. */
function newRun(...sources: object[]) {
  const log: string[] = [];
  const worker = {
    postInput: (message: ToInput) => {
      if (message.type === 'input-values') log.push(`input ${message.input}: ${message.values}`);
    },
  };
  const failed: unknown[] = [];
  const run = {
    name: 'sum',
    task: { options: { highWaterMark: 2 } },
    worker,
    place: undefined,
    future: { isSettled: false },
    streamed: (values: readonly unknown[]) => log.push(`streamed ${values.length}`),
    fail: (error: unknown) => failed.push(error),
  };
  const streams = new RunStreams(run as unknown as TaskRun);
  streams.read(
    sources.map((source, position): StreamArgument => ({ source, position, mark: undefined, context: here() })),
  );
  return { run, streams, log, failed };
}

/** A source that can be read again, and records that it was left. */
function counter(left: string[], name: string) {
  return {
    *[Symbol.iterator]() {
      try {
        for (let n = 1; ; n++) yield n;
      } finally {
        left.push(name);
      }
    },
  };
}

describe('the streams of a run', () => {
  it('a stream without a highWaterMark of its own has that of its reader', () => {
    const { streams } = newRun([1]);
    expect(streams.inputs!.map(({ mark }) => mark.values)).toEqual([2]);
  });

  it('a source starts when its input is opened, and is read on as the task reads', () => {
    const left: string[] = [];
    const { streams, log } = newRun(counter(left, 'a'), counter(left, 'b'));
    streams.inputOpened(1, 7);
    expect(log).toEqual(['input 7: 1,2']);
    streams.inputRead(7, 1);
    expect(log.slice(1)).toEqual(['input 7: 3']);
    expect(left).toEqual([]);
  });

  it('a source ends when the task leaves its input, and the others continue', () => {
    const left: string[] = [];
    const { streams, log } = newRun(counter(left, 'a'), counter(left, 'b'));
    streams.inputOpened(0, 7);
    streams.inputOpened(1, 8);
    streams.inputLeft(7);
    expect(left).toEqual(['a']);
    streams.inputRead(7, 1);
    streams.inputRead(8, 1);
    expect(log.slice(2)).toEqual(['input 8: 3']);
  });

  it('the end of an attempt ends all sources, and the next attempt opens them anew', () => {
    const left: string[] = [];
    const { streams, log } = newRun(counter(left, 'a'));
    streams.inputOpened(0, 7);
    streams.leave();
    streams.leave();
    expect(left).toEqual(['a']);
    expect(streams.refusal('lost')).toBeUndefined();
    streams.inputOpened(0, 8);
    expect(log).toEqual(['input 7: 1,2', 'input 8: 1,2']);
  });

  it('another attempt is refused if the task has read an iterator, and not if it has not', () => {
    const { streams } = newRun([1].values(), [2].values());
    expect(streams.refusal('lost')).toBeUndefined();
    streams.inputOpened(1, 7);
    expect(streams.refusal('lost')).toMatchObject({ name: 'TypeError', cause: 'lost' });
    expect(streams.refusal('lost')!.message).toMatch(/^arguments\[1\] of task "sum" was read before/);
  });

  it.each([
    ['has settled', { future: { isSettled: true } }],
    ['has lost its worker', { worker: undefined }],
  ])('an input that is opened after the run %s starts no source', (_, change) => {
    const { run, streams, log } = newRun([1]);
    Object.assign(run, change);
    streams.inputOpened(0, 7);
    expect(log).toEqual([]);
  });

  it('the first value through a link counts as a value of the run', () => {
    const { streams, log } = newRun();
    streams.flows();
    expect(log).toEqual(['streamed 0']);
  });

  it('a source in the lane of its reader, or of a stage behind the reader, is rejected', () => {
    const lane = { key: 'a', concurrency: 1 };
    const reader = newRun();
    reader.run.place = { lane } as never;
    const between = newRun();
    const source = newRun();
    source.run.place = { lane } as never;
    Object.assign(reader.run, { streams: reader.streams });
    Object.assign(between.run, { streams: between.streams });
    between.streams.awaitedBy({ run: reader.run } as unknown as FeedTarget);
    source.streams.awaitedBy({ run: between.run } as unknown as FeedTarget);
    expect([between.streams.isAwaited, source.streams.isAwaited]).toEqual([true, true]);
    expect(between.failed).toEqual([]);
    expect(source.failed).toEqual([expect.objectContaining({ message: expect.stringMatching(/has the key/) })]);
  });
});
