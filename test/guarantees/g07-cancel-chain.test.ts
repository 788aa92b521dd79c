/** G7 Cancel asks first and then terminates: cancelling along a chain. */
import { chain, Deferred, Future } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

describe("G7 Cancel asks first and then terminates: cancelling a chain's end", () => {
  it('cancelling the end stops the upstream task if nothing else uses it', async () => {
    await using executor = open('context.js');
    using gate = new Gate();
    const head = executor.tasks.untilAborted(gate.cells);
    const end = head.pipe(chain(() => 1)).pipe(chain((one) => one + 1));
    await gate.arrivals();
    end.cancel({ because: 'the end' });
    expect(head.state).toBe('cancelled');
    await gate.arrivals(2);
    expect(String.fromCharCode(...gate.notes)).toBe('{"because":"the end"}');
  });

  it('cancelling the end cancels a head that has not started', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    using held = new Gate();
    const { count, double, hold } = executor.tasks;
    const holding = hold(held.cells);
    await held.arrivals();
    const head = count(gate.cells);
    head.pipe(chain(double), chain(double)).cancel();
    expect(head.state).toBe('cancelled');
    held.open();
    await holding;
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(0);
  });

  it.each([
    ['a subscriber', (head: Future<number>) => head.subscribe()],
    ['a done callback', (head: Future<number>) => head.addDoneCallback(() => {})],
    ['an await', (head: Future<number>) => head.result()],
    ['another chain', (head: Future<number>) => head.pipe(chain((n: number) => n))],
  ])('cancelling the end does not cancel a head that is used by %s', async (_, use) => {
    await using executor = open('gates.js');
    using gate = new Gate();
    const head = executor.tasks.linger(gate.cells, 5);
    const end = head.pipe(chain(executor.tasks.double));
    use(head);
    await gate.arrivals();
    end.cancel();
    expect(head.state).toBe('running');
    gate.open();
    expect(await head).toBe(5);
  });

  it('cancelling one of two ends keeps the head running, and cancelling both stops it', async () => {
    await using executor = open('gates.js');
    using gate = new Gate();
    const head = executor.tasks.linger(gate.cells, 5);
    const [one, two] = [head.pipe(chain(executor.tasks.double)), head.pipe(chain(executor.tasks.double))];
    await gate.arrivals();
    one.cancel();
    expect([head.state, two.state]).toEqual(['running', 'pending']);
    two.cancel();
    expect(head.state).toBe('cancelled');
  });

  it('cancelling the end cancels the future that a function step has returned', async () => {
    await using executor = open('gates.js');
    using gate = new Gate();
    let inner: Future<number> | undefined;
    const end = executor.tasks.add(1, 1).pipe(
      chain((two) => {
        inner = executor.tasks.linger(gate.cells, two);
        return inner;
      }),
    );
    await gate.arrivals();
    end.cancel();
    expect(inner?.state).toBe('cancelled');
  });

  it('cancelling a task cancels the futures among its arguments', async () => {
    await using executor = open('gates.js');
    using gate = new Gate();
    const argument = executor.tasks.linger(gate.cells, 1);
    const sum = executor.tasks.add(argument, 2);
    await gate.arrivals();
    sum.cancel();
    expect(argument.state).toBe('cancelled');
  });
});

describe("G7 Cancel asks first and then terminates: cancelling a chain's start", () => {
  it('cancelling the start cancels all later steps with the same error', async () => {
    await using executor = open('gates.js');
    using gate = new Gate();
    const { count, double } = executor.tasks;
    const head = executor.tasks.linger(gate.cells);
    const middle = head.pipe(chain(() => gate.cells));
    const end = middle.pipe(chain(count), chain(double));
    await gate.arrivals();
    head.cancel('from the start');
    expect([middle.state, end.state]).toEqual(['cancelled', 'cancelled']);
    const [error, same] = await Promise.all([head, end].map((future) => future.catch((error: unknown) => error)));
    expect(same).toBe(error);
    gate.open();
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(0);
  });

  it('cancelling the start cancels steps that were dispatched together with it', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const head = executor.tasks.lingerAndGive(gate.cells);
    const end = head.pipe(chain(executor.tasks.count));
    await gate.arrivals();
    head.cancel();
    expect(end.state).toBe('cancelled');
    gate.open();
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(0);
  });

  it('an error that the cancelled task throws later changes nothing', async () => {
    await using executor = open('gates.js');
    using gate = new Gate();
    const head = executor.tasks.lingerAndFail(gate.cells, 'too late');
    const end = head.pipe(chain((never: unknown) => never));
    await gate.arrivals();
    head.cancel();
    gate.open();
    await executor.tasks.add(1, 1);
    expect([head.state, end.state]).toEqual(['cancelled', 'cancelled']);
  });

  it.each(['a step', 'an argument'])('a task does not run if a getter of %s cancels it', async (what) => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { add, countAndPass } = executor.tasks;
    const input = new Deferred<{ cells: typeof gate.cells }>();
    const task = what === 'a step' ? input.future.pipe(chain(countAndPass)) : countAndPass(input.future);
    input.resolve({
      get cells() {
        task.cancel();
        return gate.cells;
      },
    });
    expect(task.state).toBe('cancelled');
    await add(1, 1);
    expect(gate.runs).toBe(0);
  });

  it('cancelling the middle cancels the rest, and a head with another reader continues', async () => {
    await using executor = open('gates.js');
    using gate = new Gate();
    const head = executor.tasks.linger(gate.cells, 3);
    const kept = head.pipe(chain(executor.tasks.double));
    const middle = head.pipe(chain((n: number) => Future.resolve(n)));
    const end = middle.pipe(chain(executor.tasks.double));
    await gate.arrivals();
    middle.cancel();
    expect([head.state, middle.state, end.state]).toEqual(['running', 'cancelled', 'cancelled']);
    gate.open();
    expect(await kept).toBe(6);
  });
});
