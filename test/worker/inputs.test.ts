/** The stream arguments of the tasks of a worker, from their arrival to the end of their tasks. */
import { describe, expect, it } from 'vitest';
import type { FromWorker } from '../../src/protocol/messages.js';
import { encodeError } from '../../src/protocol/wire-error.js';
import type { Input } from '../../src/worker/input.js';
import { Inputs } from '../../src/worker/inputs.js';
import { TaskContext } from '../../src/worker/task-context.js';
import { WaitingTasks } from '../../src/worker/waiting-tasks.js';

/** Cells of an argument: slot, position, and the limits in values and bytes. */
const cells = (slot: number, position: number) => [slot, position, 2, Number.POSITIVE_INFINITY];

function newInputs() {
  const log: string[] = [];
  const post = ({ type, ...parts }: FromWorker) => void log.push(`${type} ${JSON.stringify(parts)}`);
  const slots = {
    has: () => true,
    paused: () => void log.push('paused'),
    resumed: () => void log.push('resumed'),
  };
  const inputs = new Inputs(post, new WaitingTasks(slots, post));
  const start = (slot: number, ...positions: number[]) => {
    inputs.arrived(positions.flatMap((position) => cells(slot, position)));
    const task = new TaskContext(slot, 1, 'sum', 1, 'w-1', undefined as never, undefined);
    const args: unknown[] = [];
    inputs.insert(task, inputs.take(slot)!, args);
    return { task, args: args as Input[] };
  };
  return { inputs, log, start };
}

describe('the stream arguments of a worker', () => {
  it('the arguments of a job stay with its slot until the job starts', () => {
    const { inputs } = newInputs();
    inputs.arrived([...cells(7, 0), ...cells(8, 1), ...cells(7, 2)]);
    expect(inputs.isActive).toBe(true);
    expect(inputs.take(7)!.map(({ position }) => position)).toEqual([0, 2]);
    expect(inputs.take(7)).toBeUndefined();
    expect(inputs.take(8)).toHaveLength(1);
    expect(inputs.isActive).toBe(false);
  });

  it('a job that never starts leaves no arguments to the next job in its slot', () => {
    const { inputs } = newInputs();
    inputs.arrived(cells(7, 0));
    inputs.ended(7);
    expect([inputs.take(7), inputs.isActive]).toEqual([undefined, false]);
  });

  it('the first read opens the source, and frees the concurrency slot until a value arrives', async () => {
    const { inputs, log, start } = newInputs();
    const { args } = start(7, 1);
    expect(log).toEqual([]);
    const first = args[1]!.next();
    expect(log).toEqual(['paused', 'input-opened {"slot":7,"position":1,"input":1}']);
    inputs.receive({ type: 'input-values', input: 1, values: ['a'], bytes: 9 });
    expect(await first).toEqual({ done: false, value: 'a' });
    expect(log.slice(2)).toEqual([
      'input-read {"slot":7,"input":1,"count":1}',
      'waits {"slot":7,"isWaiting":false}',
      'resumed',
    ]);
  });

  it('each argument of each task has a number of its own, so values reach the right one', async () => {
    const { inputs, start } = newInputs();
    const [one, other] = [start(7, 0, 1), start(8, 0)];
    for (const input of [1, 2, 3]) inputs.receive({ type: 'input-values', input, values: [input], bytes: 9 });
    const values = await Promise.all([...one.args, ...other.args].map((arg) => arg.next()));
    expect(values.map(({ value }) => value)).toEqual([1, 2, 3]);
  });

  it('the failure of a source is thrown at its reader', async () => {
    const { inputs, start } = newInputs();
    const { args } = start(7, 0);
    inputs.receive({ type: 'input-ended', input: 1, failure: encodeError(new RangeError('lost')) });
    await expect(args[0]!.next()).rejects.toEqual(new RangeError('lost'));
  });

  it('the abort of a task rejects the reads of all of its arguments with the reason', async () => {
    const { start } = newInputs();
    const { task, args } = start(7, 0, 1);
    const reads = args.map((arg) => arg.next());
    task.abort('enough');
    for (const read of reads) await expect(read).rejects.toBe('enough');
  });

  it('credit for values of a link returns through that link, and not to the main thread', async () => {
    const { inputs, log, start } = newInputs();
    const { args } = start(7, 0);
    const credits: [number, number][] = [];
    inputs.flowed({ type: 'values', input: 1, output: 5, values: ['a'], bytes: 9 }, (...credit) =>
      credits.push(credit),
    );
    await args[0]!.next();
    expect([credits, log]).toEqual([[[5, 1]], []]);
    inputs.flowed({ type: 'end', input: 1 }, () => {});
    expect(await args[0]!.next()).toEqual({ done: true, value: undefined });
  });

  it('values that arrive after the end of their task are closed, from the main thread and from a link', async () => {
    const { inputs, start } = newInputs();
    const { args } = start(7, 0);
    inputs.ended(7);
    const ports = [new MessageChannel(), new MessageChannel()];
    const closed = ports.map(({ port2 }) => new Promise((resolve) => port2.addEventListener('close', resolve)));
    inputs.receive({ type: 'input-values', input: 1, values: [ports[0]!.port1], bytes: 8 });
    inputs.flowed({ type: 'values', input: 1, output: 5, values: [ports[1]!.port1], bytes: 8 }, () => {});
    inputs.receive({ type: 'input-ended', input: 1 });
    await Promise.all(closed);
    expect(await args[0]!.next()).toEqual({ done: true, value: undefined });
    expect(inputs.isActive).toBe(false);
  });
});
