import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chain, Executor } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { recordTrace, type TraceFile } from 'rx-futures/trace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { open } from '../support/open.js';
import { faultsIn } from './check-trace.js';
import { drawnOf } from './engine.js';

const double = (n: number) => n * 2;
const fail = (secret: string) => {
  throw new RangeError(secret);
};

class Counter {
  count = 0;
  add(n: number) {
    this.count += n;
    return this.count;
  }
}

async function* numbers() {
  yield 1;
}

function inline() {
  const module = { double, fail, Counter, numbers };
  return new Executor<typeof module>({ name: 'crew', backend: inlineBackend({ module: () => module }) });
}

async function fileName(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rx-futures-trace-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return path.join(folder, 'trace.json');
}

const slicesOf = ({ traceEvents }: TraceFile) => traceEvents.filter(({ ph, cat }) => ph === 'X' && cat === 'task');

describe('recordTrace', () => {
  it('the file shows a chain over two workers, as the parser of the DevTools reads it', async () => {
    await using executor = open('steps.js', { name: 'crew', minWorkers: 2 });
    await executor.ready();
    using recording = recordTrace(executor);
    const { plusOne } = executor.tasks;
    const first = plusOne(1);
    await first;
    await Promise.all([first.pipe(chain(plusOne)).pipe(chain(plusOne)), plusOne(4)]);
    const file = await fileName();
    await recording.save(file);
    const trace: TraceFile = JSON.parse(await readFile(file, 'utf8'));
    expect(faultsIn(trace.traceEvents)).toEqual([]);
    const { threads, flows } = await drawnOf(trace.traceEvents);
    expect(Object.keys(threads).sort()).toEqual(['crew-1', 'crew-2']);
    expect(Object.values(threads).flat()).toHaveLength(4);
    expect(flows).toEqual([['plusOne', 'plusOne', 'plusOne']]);
    expect(slicesOf(trace)).toHaveLength(4);
    expect(trace.traceEvents.filter(({ name }) => name === 'chain').map(({ ph }) => ph)).toEqual(['s', 't', 'f']);
    expect(trace.otherData).toMatchObject({ executor: 'crew', dropped: 0 });
    expect(Math.abs(Date.now() - trace.otherData.start)).toBeLessThan(60_000);
  });

  it('streams, calls of actors and failures are slices, and no value is in the trace', async () => {
    await using executor = inline();
    using recording = recordTrace(executor);
    const { tasks, actors } = executor;
    await using counter = actors.Counter();
    await counter.add(12_345);
    for await (const _ of tasks.numbers.stream());
    await tasks.fail('secret').settled();
    const trace = recording.toJSON();
    expect(faultsIn(trace.traceEvents)).toEqual([]);
    expect(slicesOf(trace).map(({ name, args }) => [name, args!['status'], args!['error']])).toEqual([
      ['new Counter', 'fulfilled', undefined],
      ['Counter.add', 'fulfilled', undefined],
      ['numbers', 'fulfilled', undefined],
      ['fail', 'rejected', 'RangeError'],
    ]);
    expect(JSON.stringify(trace)).not.toMatch(/secret|12345/);
    expect(JSON.stringify(recording)).toContain('"displayTimeUnit":"ms"');
  });

  it('the newest slices are kept, and the file says how many were dropped', async () => {
    await using executor = inline();
    using recording = recordTrace(executor, { maxSlices: 2 });
    for (const n of [1, 2, 3, 4, 5]) await executor.tasks.double(n);
    const { dropped } = recording;
    // The start of the worker was dropped too, if it was recorded.
    expect(dropped).toBeGreaterThanOrEqual(3);
    expect(recording.toJSON().otherData.dropped).toBe(dropped);
    expect(slicesOf(recording.toJSON())).toHaveLength(2);
  });

  it('nothing is recorded after stop(), and the recording can still be saved', async () => {
    await using executor = inline();
    const recording = recordTrace(executor);
    await executor.tasks.double(1);
    recording.stop();
    recording.stop();
    await executor.tasks.double(2);
    expect(slicesOf(recording.toJSON())).toHaveLength(1);
    const file = await fileName();
    await recording.save(file);
    expect(slicesOf(JSON.parse(await readFile(file, 'utf8')))).toHaveLength(1);
  });

  it('a recording of a closed executor can be saved, and so can one of nothing', async () => {
    const executor = inline();
    const recording = recordTrace(executor);
    const empty = await fileName();
    await recording.save(empty);
    expect(slicesOf(JSON.parse(await readFile(empty, 'utf8')))).toEqual([]);
    await executor.tasks.double(1);
    await executor.shutdown();
    expect(slicesOf(recording.toJSON())).toHaveLength(1);
  });

  it('a file that cannot be written rejects, and the recording continues', async () => {
    await using executor = inline();
    using recording = recordTrace(executor);
    await expect(recording.save(path.join(tmpdir(), 'no-such-folder', 'trace.json'))).rejects.toThrow('ENOENT');
    await executor.tasks.double(1);
    expect(slicesOf(recording.toJSON())).toHaveLength(1);
  });

  it('wrong arguments throw at the call', () => {
    const executor = inline();
    expect(() => recordTrace({} as never)).toThrow(
      new TypeError(
        'recordTrace(executor): expected an Executor, got an object. Pass the executor whose tasks the trace is to show.',
      ),
    );
    expect(() => recordTrace(executor, { maxSlices: 0 })).toThrow(RangeError);
    expect(() => recordTrace(executor, { max: 1 } as never)).toThrow('unknown option "max"');
  });
});
