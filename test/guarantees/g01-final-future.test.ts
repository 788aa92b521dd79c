/** G1 The final future. */
import { chain, Future, recover } from 'rx-futures';
import { of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

describe('G1 The final future', () => {
  it("a(x).pipe(chain(b), chain(c)) returns a Future of c's result", async () => {
    await using executor = open('gates.js');
    const { add, double } = executor.tasks;
    const final = add(1, 2).pipe(chain(double), chain(double));
    expect(final).toBeInstanceOf(Future);
    expect(await final).toBe(12);
  });

  it("the future of the first task keeps that task's own result", async () => {
    await using executor = open('gates.js');
    const { add, double } = executor.tasks;
    const head = add(1, 2);
    const final = head.pipe(chain(double), chain(double));
    await final;
    expect(head.outcome).toEqual({ status: 'fulfilled', value: 3, future: head });
  });

  it('a chain waits for the value, promise, future or Observable that a function step returns', async () => {
    await using executor = open('gates.js');
    const { add, double } = executor.tasks;
    const final = add(1, 0).pipe(
      chain((one) => one + 1),
      chain((two) => Promise.resolve(two + 1)),
      chain((three) => double(three)),
      chain((six) => of('skipped', six + 1)),
      chain((seven) => executor.tasks.add(Number(seven), 1)),
    );
    expect(await final).toBe(8);
  });

  it('a chain can be added to a future that has already settled', async () => {
    await using executor = open('gates.js');
    const head = executor.tasks.add(1, 2);
    await head;
    expect(await head.pipe(chain(executor.tasks.double))).toBe(6);
  });

  it('a head with several chains runs once', async () => {
    await using executor = open('gates.js');
    using gate = new Gate();
    const { count, double } = executor.tasks;
    const head = count(gate.cells);
    const ends = [head.pipe(chain(double)), head.pipe(chain(double), chain(double)), head.pipe(chain((n) => n - 1))];
    expect(await Promise.all(ends)).toEqual([2, 4, 0]);
    expect(gate.runs).toBe(1);
  });

  it('a failure skips the later steps', async () => {
    await using executor = open('gates.js');
    using gate = new Gate();
    gate.open();
    const { lingerAndFail, count } = executor.tasks;
    const calls: unknown[] = [];
    const head = lingerAndFail(gate.cells, 'at the head');
    const final = head.pipe(
      chain(() => gate.cells),
      chain(count),
      chain((runs) => calls.push(runs)),
    );
    await expect(final).rejects.toThrow('at the head');
    expect(gate.runs).toBe(0);
    expect(calls).toEqual([]);
  });

  it('a failure rejects the final future with the very same error object', async () => {
    await using executor = open('errors.js');
    const { fail, throwValue } = executor.tasks;
    const head = fail('at the head');
    const fused = head.pipe(chain(throwValue), chain(throwValue));
    const mixed = head.pipe(
      chain((value) => value),
      chain(throwValue),
    );
    await Promise.all([head.settled(), fused.settled(), mixed.settled()]);
    const reason = head.outcome?.status === 'rejected' ? head.outcome.reason : undefined;
    expect(reason).toEqual(new Error('at the head'));
    for (const final of [fused, mixed]) {
      expect(final.outcome?.status === 'rejected' && final.outcome.reason).toBe(reason);
    }
    const late = head.pipe(chain(throwValue));
    expect(late.outcome?.status === 'rejected' && late.outcome.reason).toBe(reason);
  });

  it('a failure of a later step leaves the head fulfilled', async () => {
    await using executor = open('errors.js');
    const head = executor.tasks.throwValue;
    const good = executor.submit((text: string) => text.toUpperCase(), 'loud');
    const final = good.pipe(chain(head));
    await expect(final.settled()).resolves.toMatchObject({ status: 'rejected', reason: 'LOUD' });
    expect(await good).toBe('LOUD');
  });

  it('recover replaces a failure with the result of its handler, and the chain continues', async () => {
    await using executor = open('errors.js');
    const final = executor.tasks.failHttp().pipe(
      recover((error: Error & { status: number }) => error.status),
      chain((status) => status + 1),
    );
    expect(await final).toBe(504);
  });
});
