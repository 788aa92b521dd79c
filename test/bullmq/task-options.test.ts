/** Task options over the queue: retry, timeout, priority. */
import { chain, TimeoutError } from 'rx-futures';
import { expect, it } from 'vitest';
import { FileGate } from '../support/file-gate.js';
import { until } from '../support/until.js';
import { describeQueue } from './support/describe-queue.js';
import { countQueued, isQueued, openClient, serveHere, startClient, startServer } from './support/servers.js';

describeQueue('Task options over the queue', (anyAddress) => {
  it('a retry with a count runs the task again on the server', async () => {
    const address = anyAddress();
    await using _server = await startServer(address);
    await using client = openClient(address);
    using gate = new FileGate();
    expect(await client.tasks.failUntil.with({ retry: 3 })(gate.cells, 3)).toBe(3);
    expect(gate.runs).toBe(3);
    await expect(client.tasks.failUntil.with({ retry: { count: 1, delay: 1 } })(gate.cells, 9)).rejects.toThrow(
      'run 5 failed',
    );
    expect(gate.runs).toBe(5);
  });

  it('a retry with a count continues after its client was killed', async () => {
    const address = anyAddress();
    await using client = openClient(address);
    using gate = new FileGate();
    await using gone = startClient(address, {
      what: 'task',
      task: 'failUntil',
      more: [3],
      retry: 3,
      cells: gate.cells,
    });
    const { ids } = await gone.says(0);
    await until(() => isQueued(address));
    gone.kill('SIGKILL');
    const attached = client.attach<number>(ids[0]);
    await using _server = await startServer(address);
    expect(await attached).toBe(3);
  });

  it('a retry with `when` runs dependent steps with its last run, and its last failure rejects them', async () => {
    const address = anyAddress();
    await using _server = await startServer(address);
    await using client = openClient(address);
    const when = () => true;
    for (let round = 0; round < 5; round++) {
      using gate = new FileGate();
      const { failUntil, echo } = client.tasks;
      const head = failUntil.with({ retry: { count: 5, when } })(gate.cells, 3);
      expect(await head.pipe(chain(echo)).pipe(chain(echo))).toBe(3);
      const lost = failUntil.with({ retry: { count: 1, when } })(gate.cells, 99);
      const outcome = await lost.pipe(chain(echo)).settled();
      expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'run 5 failed' } });
      expect(lost.outcome).toMatchObject({ reason: (outcome as { reason: unknown }).reason });
    }
  });

  it('a retry with `when` asks the client, and runs the task again on the server', async () => {
    const address = anyAddress();
    await using _server = await startServer(address);
    await using client = openClient(address);
    using gate = new FileGate();
    const asked: string[] = [];
    const when = (error: unknown) => {
      asked.push((error as Error).message);
      return true;
    };
    expect(await client.tasks.failUntil.with({ retry: { count: 5, when } })(gate.cells, 3)).toBe(3);
    expect(asked).toEqual(['run 1 failed', 'run 2 failed']);
    expect(gate.runs).toBe(3);
    const never = { count: 5, when: () => false };
    await expect(client.tasks.failUntil.with({ retry: never })(gate.cells, 9)).rejects.toThrow('run 4 failed');
    expect(gate.runs).toBe(4);
  });

  it('a timeout rejects with a TimeoutError, and the signal of the task aborts', async () => {
    const address = anyAddress();
    await using _server = await startServer(address);
    await using client = openClient(address);
    using gate = new FileGate();
    const outcome = await client.tasks.untilAborted.with({ timeout: 50 })(gate.cells).settled();
    expect(outcome.status).toBe('rejected');
    expect((outcome as { reason: unknown }).reason).toBeInstanceOf(TimeoutError);
    await until(() => gate.notes.length === 2);
    expect(gate.notes[1]).toBe(-1);
    expect(await client.tasks.add(1, 1)).toBe(2);
  });

  it('a timeout counts from the start of the task, not from the submit', async () => {
    const address = anyAddress();
    await using _server = await startServer(address);
    await using client = openClient(address);
    using gate = new FileGate();
    // The first task occupies the only slot for as long as the timeout of the second.
    const timeout = 300;
    const first = client.tasks.untilAborted.with({ timeout })(gate.cells);
    const second = client.tasks.add.with({ timeout })(1, 1);
    await expect(first).rejects.toBeInstanceOf(TimeoutError);
    expect(await second).toBe(2);
  });

  it('a timeout of an endless loop costs the server a thread, but not the service', async () => {
    const address = anyAddress();
    await using _service = await serveHere(address, { terminateAfter: 20 });
    await using client = openClient(address);
    using gate = new FileGate();
    await expect(client.tasks.loopForever.with({ timeout: 50 })(gate.cells)).rejects.toBeInstanceOf(TimeoutError);
    expect(await client.tasks.add(1, 1)).toBe(2);
  });

  it('a deadline that expires while no server is there rejects the future, and the task never runs', async () => {
    const address = anyAddress();
    await using client = openClient(address);
    using gate = new FileGate();
    const late = client.tasks.failUntil.with({ deadline: 200 })(gate.cells, 1);
    const error = await late.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ phase: 'waiting' });
    await using _server = await startServer(address);
    expect(await client.tasks.add(1, 1)).toBe(2);
    expect(gate.runs).toBe(0);
  });

  it('a deadline that expires after the client was killed is kept by the server', async () => {
    const address = anyAddress();
    await using client = openClient(address);
    using gate = new FileGate();
    const options = { what: 'task', task: 'failUntil', more: [1], deadline: 3_000, cells: gate.cells };
    await using gone = startClient(address, options);
    const { ids, at } = await gone.says(0);
    await until(() => isQueued(address));
    gone.kill('SIGKILL');
    await until(() => Date.now() > at + options.deadline);
    const attached = client.attach<number>(ids[0]);
    await using _server = await startServer(address);
    const error = await attached.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ phase: 'waiting' });
    expect(gate.runs).toBe(0);
  });

  it('waiting tasks run in the order of their priorities', async () => {
    const address = anyAddress();
    await using _server = await startServer(address);
    await using client = openClient(address);
    using gate = new FileGate();
    const { hold, note } = client.tasks;
    const held = hold(gate.cells);
    await gate.arrivals();
    const notes = [
      note.with({ priority: -1 })(gate.cells, 1),
      note(gate.cells, 2),
      note(gate.cells, 3),
      note.with({ priority: 5 })(gate.cells, 4),
      note.with({ priority: 10 })(gate.cells, 5),
    ];
    await until(async () => (await countQueued(address)) === notes.length);
    gate.open();
    await Promise.all([held, ...notes]);
    expect(gate.notes).toEqual([5, 4, 2, 3, 1]);
  });
});
