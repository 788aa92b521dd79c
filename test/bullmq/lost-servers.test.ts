/** Servers that are killed or stopped while they run tasks, as real processes. */
import { WorkerDiedError } from 'rx-futures';
import { expect, it } from 'vitest';
import { FileGate } from '../support/file-gate.js';
import { until } from '../support/until.js';
import { describeQueue } from './support/describe-queue.js';
import { openClient, startServer } from './support/servers.js';

const died = expect.objectContaining({ name: 'WorkerDiedError', code: 'ERR_WORKER_DIED', workerName: 'doomed' });

describeQueue('A lost server', (anyAddress) => {
  it("a killed server rejects its running task with the server's name, and another server runs the next", async () => {
    const address = anyAddress();
    await using client = openClient(address);
    await using doomed = await startServer(address, { name: 'doomed' });
    using gate = new FileGate();
    const held = client.tasks.hold(gate.cells);
    await gate.arrivals();
    const waiting = client.tasks.add(40, 2);
    await using _other = await startServer(address, { name: 'other' });
    doomed.kill('SIGKILL');
    const outcome = await held.settled();
    expect(outcome).toMatchObject({ status: 'rejected', reason: died });
    expect((outcome as { reason: unknown }).reason).toBeInstanceOf(WorkerDiedError);
    expect(await waiting).toBe(42);
    expect(gate.arrived).toBe(1);
  });

  it('a task of a killed server runs again on another one with rerunLost', async () => {
    const address = anyAddress();
    await using client = openClient(address);
    await using doomed = await startServer(address, { name: 'doomed', rerunLost: 1 });
    using gate = new FileGate();
    const held = client.tasks.hold(gate.cells, 7);
    await gate.arrivals();
    await using _other = await startServer(address, { name: 'other', rerunLost: 1 });
    doomed.kill('SIGKILL');
    await gate.arrivals(2);
    gate.open();
    expect(await held).toBe(7);
    expect(gate.arrived).toBe(2);
  });

  it('a task is rejected if more servers are killed than rerunLost allows', async () => {
    const address = anyAddress();
    await using client = openClient(address);
    using gate = new FileGate();
    const held = client.tasks.hold(gate.cells, 7);
    for (let run = 1; run <= 2; run++) {
      await using doomed = await startServer(address, { name: 'doomed', rerunLost: 1 });
      await gate.arrivals(run);
      doomed.kill('SIGKILL');
    }
    await using _other = await startServer(address, { name: 'other', rerunLost: 1 });
    expect(await held.settled()).toMatchObject({ status: 'rejected', reason: died });
    expect(gate.arrived).toBe(2);
  });

  it('a busy server rejects the task of a killed server', async () => {
    const address = anyAddress();
    await using client = openClient(address);
    using gate = new FileGate();
    using busy = new FileGate();
    await using doomed = await startServer(address, { name: 'doomed' });
    const held = client.tasks.hold(gate.cells);
    await gate.arrivals();
    await using _other = await startServer(address, { name: 'other' });
    const running = client.tasks.hold(busy.cells, 2);
    await busy.arrivals();
    doomed.kill('SIGKILL');
    expect(await held.settled()).toMatchObject({ status: 'rejected', reason: died });
    expect(running.state).toBe('running');
    busy.open();
    expect(await running).toBe(2);
  });

  it('a rejected task stays rejected if its server was only stopped and continues later', async () => {
    const address = anyAddress();
    await using client = openClient(address);
    using gate = new FileGate();
    await using doomed = await startServer(address, { name: 'doomed' });
    const held = client.tasks.linger(gate.cells, 5);
    await gate.arrivals();
    await using _other = await startServer(address, { name: 'other' });
    doomed.kill('SIGSTOP');
    expect(await held.settled()).toMatchObject({ status: 'rejected', reason: died });
    doomed.kill('SIGCONT');
    gate.open();
    doomed.kill('SIGTERM');
    expect(await doomed.ended()).toEqual({ code: 0, signal: null });
    await using later = openClient(address);
    expect(await later.attach(held.id).settled()).toMatchObject({ status: 'rejected', reason: died });
  });

  it.each([0, 1])(
    'small tasks that a killed server had not started run elsewhere, and none runs twice (round %i)',
    async () => {
      const address = anyAddress();
      await using client = openClient(address);
      await using doomed = await startServer(address, { name: 'doomed', workers: 2, concurrency: 4 });
      using gate = new FileGate();
      // Once known to be quick, the tasks share jobs.
      await Promise.all(Array.from({ length: 100 }, () => client.tasks.add(1, 1)));
      const marks = Array.from({ length: 3_000 }, (_, i) => i);
      const noted = marks.map((mark) => client.tasks.note(gate.cells, mark));
      await until(() => gate.notes.length > 500);
      doomed.kill('SIGKILL');
      await using _other = await startServer(address, { name: 'other' });
      const outcomes = await Promise.all(noted.map((future) => future.settled()));
      const runs = new Set(gate.notes);
      expect(gate.notes.length).toBe(runs.size);
      const lost = marks.filter((mark) => outcomes[mark]!.status === 'rejected');
      // The name is unknown if the server is lost before it has noted its name.
      const workerName = expect.stringMatching(/^(doomed|unknown)$/);
      for (const mark of lost)
        expect(outcomes[mark]).toMatchObject({ reason: { name: 'WorkerDiedError', workerName } });
      // The whole server notes 24 trees ahead, in addition to its 8 slots.
      expect(lost.filter((mark) => !runs.has(mark)).length).toBeLessThanOrEqual(32);
      // All tasks that are not rejected have run.
      for (const mark of marks) if (!lost.includes(mark)) expect(runs.has(mark)).toBe(true);
    },
  );

  it('a shared job of a killed server continues elsewhere behind the first few tasks', async () => {
    const address = anyAddress();
    await using client = openClient(address);
    await using doomed = await startServer(address, { name: 'doomed' });
    using gate = new FileGate();
    // Once known to be quick, the tasks share a job.
    await Promise.all(Array.from({ length: 100 }, () => client.tasks.noteOrLinger(gate.cells, -1, 0)));
    const marks = Array.from({ length: 60 }, (_, i) => i);
    const noted = marks.map((mark) => client.tasks.noteOrLinger(gate.cells, mark, 20));
    await gate.arrivals();
    doomed.kill('SIGKILL');
    await using _other = await startServer(address, { name: 'other' });
    const outcomes = await Promise.all(noted.map((future) => future.settled()));
    const lost = marks.filter((mark) => outcomes[mark]!.status === 'rejected');
    expect(lost).toContain(20);
    const runs = gate.notes.filter((mark) => mark >= 0);
    const neverStarted = lost.filter((mark) => mark !== 20 && !runs.includes(mark));
    expect(neverStarted.length).toBeLessThanOrEqual(24);
    expect(runs.length).toBe(new Set(runs).size);
    for (const mark of marks) if (!lost.includes(mark)) expect(runs).toContain(mark);
  });

  it('a lost task with a retry left runs again as soon as another server starts', async () => {
    const address = anyAddress();
    await using client = openClient(address);
    using gate = new FileGate();
    const held = client.tasks.linger.with({ retry: 1 })(gate.cells, 7);
    const lost = client.tasks.linger(gate.cells);
    {
      await using doomed = await startServer(address, { name: 'doomed', concurrency: 2 });
      await gate.arrivals(2);
      // The message about the start leaves the server a millisecond later.
      await until(() => held.state === 'running');
      doomed.kill('SIGKILL');
      await doomed.ended();
    }
    // The reconciler judges both tasks in one check.
    expect(await lost.settled()).toMatchObject({ status: 'rejected', reason: died });
    expect(held.state).toBe('running');
    await using _other = await startServer(address, { name: 'other' });
    await gate.arrivals(3);
    gate.open();
    expect(await held).toBe(7);
    expect(gate.arrived).toBe(3);
  });

  it('a lost task is rejected if losses and failures together exceed its retries', async () => {
    const address = anyAddress();
    await using client = openClient(address);
    using gate = new FileGate();
    const held = client.tasks.failThenHold.with({ retry: 2 })(gate.cells);
    for (const runs of [2, 3]) {
      await using doomed = await startServer(address, { name: 'doomed' });
      await until(() => gate.runs === runs && gate.arrived === runs - 1);
      doomed.kill('SIGKILL');
      await doomed.ended();
    }
    expect(await held.settled()).toMatchObject({ status: 'rejected', reason: died });
    expect(gate.runs).toBe(3);
  });

  it('a task of the only server waits for the next server with rerunLost', async () => {
    const address = anyAddress();
    await using client = openClient(address);
    using gate = new FileGate();
    await using doomed = await startServer(address, { name: 'doomed', rerunLost: 1, concurrency: 2 });
    const held = client.tasks.linger(gate.cells, 7);
    await gate.arrivals();
    const values = client.tasks.numbers.with({ highWaterMark: 1 }).stream(gate.cells)[Symbol.asyncIterator]();
    await values.next();
    doomed.kill('SIGKILL');
    const readOn = async () => {
      while (!(await values.next()).done);
    };
    // The reconciler judges both in one check. A stream never runs again.
    await expect(readOn()).rejects.toThrow(WorkerDiedError);
    expect(held.isSettled).toBe(false);
    await using _other = await startServer(address, { name: 'other', rerunLost: 1 });
    await gate.arrivals(2);
    gate.open();
    expect(await held).toBe(7);
  });
});
