/** Streams as arguments: of other tasks, and of the caller. */
import { CancelledError, through, WorkerDiedError } from 'rx-futures';
import { lastValueFrom, of, toArray } from 'rxjs';
import { expect } from 'vitest';
import { LEFT } from '../../fixtures/inputs.js';
import { until } from '../../support/until.js';
import type { Suite } from '../describe-backend.js';

export function inputs({ it, open, makeGate }: Suite): void {
  it('a task reads the stream of another task, through any number of stages', async () => {
    await using executor = open('inputs.js');
    const { sum, plus, count } = executor.tasks;
    expect(await sum(count.stream(3_000))).toBe(4_501_500);
    expect(await sum(plus.stream(plus.stream(count.stream(3_000), 1), 1))).toBe(4_507_500);
  });

  it('the stages of a stream share one worker', async () => {
    await using executor = open('inputs.js', { maxWorkers: 1 });
    const { double, plus, count } = executor.tasks;
    const stages = count.stream(3_000).pipe(through(plus, 1), through(plus, 1));
    const results = await lastValueFrom(executor.map(double, stages).pipe(toArray()));
    expect(results).toEqual(Array.from({ length: 3_000 }, (_, i) => 2 * (i + 3)));
  });

  it('a task reads an iterator, an async iterator, an Observable and a ReadableStream', async () => {
    await using executor = open('inputs.js');
    const { collect } = executor.tasks;
    const numbers = Array.from({ length: 2_000 }, (_, i) => i);
    async function* later() {
      yield* numbers;
    }
    const web = new ReadableStream<number>({
      start(controller) {
        for (const n of numbers) controller.enqueue(n);
        controller.close();
      },
    });
    for (const source of [numbers.values(), later(), of(...numbers), web])
      expect(await collect(source)).toEqual(numbers);
  });

  it('an error of a stream argument is thrown at its reader, after the values before it', async () => {
    await using executor = open('inputs.js');
    const { caught, plus, failingAfter } = executor.tasks;
    const { values, error } = await caught(plus.stream(failingAfter.stream(1_500)));
    expect([values.length, error]).toEqual([1_500, 'RangeError: failed after 1500']);
    async function* failing() {
      yield 1;
      throw new RangeError('mine');
    }
    expect(await caught(failing())).toEqual({ values: [1], error: 'RangeError: mine' });
  });

  it('the source of a stream argument ends through its finally when its reader leaves', async () => {
    // A page takes a worker that gets no processor for one that a stopped task blocks. It would
    // terminate the worker, and no `finally` would run.
    await using executor = open('inputs.js', { terminateAfter: 60_000 });
    using source = makeGate();
    using stage = makeGate();
    using reader = makeGate();
    const { noted, pass, first, readAll } = executor.tasks;
    expect(await first(pass.stream(noted.stream(source.cells, 5_000), stage.cells), 3)).toEqual([1, 2, 3]);
    await until(() => source.notes.includes(LEFT) && stage.notes.includes(LEFT));
    const future = readAll(noted.stream(source.cells, 1_000_000), reader.cells);
    await reader.arrivals(5);
    future.cancel();
    await expect(future).rejects.toThrow(CancelledError);
    await until(() => source.notes.length === 2 && reader.notes.length === 1);
    // The loop of the reader threw, because its task was cancelled.
    expect(reader.notes).toEqual([1]);
  });

  it('a retry of a task reads its stream argument anew', async () => {
    await using executor = open('inputs.js');
    using gate = makeGate();
    const { collectAtSecondRun, count } = executor.tasks;
    expect(await collectAtSecondRun.with({ retry: 1 })(count.stream(3), gate.cells)).toEqual([1, 2, 3]);
    using other = makeGate();
    const once = collectAtSecondRun.with({ retry: 1 })([1, 2].values(), other.cells);
    await expect(once).rejects.toMatchObject({ name: 'TypeError', cause: { message: 'once' } });
  });

  it('the reader of a stream whose worker exits receives a WorkerDiedError', async () => {
    await using executor = open('inputs.js');
    const { caught, exiting } = executor.tasks;
    // If the two share a worker, it takes both along.
    const outcome = await caught(exiting.stream()).settled();
    if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(WorkerDiedError);
    else expect(outcome).toMatchObject({ value: { values: [1], error: expect.stringMatching(/^WorkerDiedError/) } });
  });

  it('a stream inside another value is a TypeError of the call', async () => {
    await using executor = open('inputs.js');
    const { sum, count } = executor.tasks as Record<string, any>;
    expect(() => sum([count.stream(1)])).toThrow(TypeError);
    expect(() => executor.share(count.stream(1) as never)).toThrow(TypeError);
  });
}
