/** G2 Hot and replayed. */
import { firstValueFrom, map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

describe('G2 Hot and replayed', () => {
  it('a submitted task runs once without any subscriber', async () => {
    const executor = open('gates.js');
    using gate = new Gate();
    executor.tasks.count(gate.cells);
    await executor.shutdown();
    expect(gate.runs).toBe(1);
  });

  it('a submitted task runs once with many subscribers of all kinds', async () => {
    await using executor = open('gates.js');
    using gate = new Gate();
    const future = executor.tasks.count(gate.cells);
    const seen: number[] = [];
    for (let i = 0; i < 5; i++) {
      future.subscribe((value) => seen.push(value));
      future.addDoneCallback((outcome) => seen.push(outcome.status === 'fulfilled' ? outcome.value : Number.NaN));
      future.pipe(map((value) => value)).subscribe((value) => seen.push(value));
    }
    await Promise.all([future, future.result(), future.settled(), firstValueFrom(future)]);
    future.subscribe((value) => seen.push(value));
    expect(seen).toEqual(Array(16).fill(1));
    expect(gate.runs).toBe(1);
  });

  it('late subscribers receive the outcome synchronously', async () => {
    await using executor = open('errors.js');
    const [good, bad] = [executor.submit(() => 'value'), executor.tasks.fail('reason')];
    await Promise.all([good.settled(), bad.settled()]);
    const log: unknown[] = [];
    good.subscribe({ next: (value) => log.push(value), complete: () => log.push('complete') });
    good.addDoneCallback((outcome) => log.push(outcome.status));
    bad.subscribe({ error: (error) => log.push(error.message) });
    bad.addDoneCallback((outcome) => log.push(outcome.status));
    expect(log).toEqual(['value', 'complete', 'fulfilled', 'reason', 'rejected']);
  });

  it('late subscribers receive the outcome even after the executor has closed', async () => {
    const executor = open('gates.js');
    const future = executor.tasks.add(1, 2);
    await executor.shutdown();
    const log: unknown[] = [];
    future.subscribe((value) => log.push(value));
    expect(log).toEqual([3]);
  });
});
