/**
 * The playground of the documentation, as far as no browser is needed: its examples, its task
 * stream, and what it changes in a program. `npm run test:playground` drives the page itself.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { NAMES } from '../../docs/.vitepress/theme/playground/names.mjs';
import { type TaskEvent, TaskStream } from '../../docs/.vitepress/theme/playground/stream.js';
import { format } from '../../docs/public/playground/inspect.js';
import { mainSource, taskSource } from '../../docs/public/playground/program.js';
import { root } from './pages.js';

const read = (file: string) => readFileSync(path.join(root, 'examples', file), 'utf8');

describe.each(NAMES)('the example %s of the playground', (name) => {
  it('the example uses nothing of Node', () => {
    for (const source of [read(`${name}.ts`), read(`${name}.tasks.ts`)]) {
      const imports = Array.from(source.matchAll(/from '(.+?)'/g), ([, from]) => from);
      expect(imports.filter((from) => !/^(rx-futures|rx-futures\/worker|rxjs)$/.test(from!))).toEqual([]);
      expect(source).not.toMatch(/\b(process\.\w|Buffer\b|setImmediate)/);
    }
  });

  it('the example prints the same text in each run', () => {
    expect(read(`${name}.ts`).split('\n// Output:\n')[1]).not.toMatch(/<(time|MB|ms)>/);
  });
});

describe('the task stream', () => {
  const base = { at: 1_000, executor: 'pool', worker: 'pool-1' };
  const started = (id: number, at: number, attempt = 1): TaskEvent => ({
    ...base,
    type: 'task-started',
    at,
    id,
    name: 'work',
    attempt,
  });
  const settled = (id: number, at: number, ran: number | undefined, status: TaskEvent['status'] = 'fulfilled') =>
    ({ ...started(id, at), type: 'task-settled', ran, status }) as TaskEvent;
  const streamOf = (...events: readonly TaskEvent[]) => {
    const stream = new TaskStream();
    for (const event of [{ ...base, type: 'worker-spawned' }, ...events]) stream.add(event);
    return stream;
  };

  it('a run has a bar from the start of a run to its end', () => {
    const [lane] = streamOf(started(1, 1_010), settled(1, 1_050, 30)).lanes;
    expect(lane).toMatchObject({
      worker: 'pool-1',
      from: 0,
      bars: [{ start: 10, end: 40, row: 0, state: 'fulfilled' }],
    });
  });

  it('tasks that run at the same time have rows of their own, and a free row is used again', () => {
    const [lane] = streamOf(started(1, 1_000), started(2, 1_005), settled(1, 1_010, 10), started(3, 1_020)).lanes;
    expect(lane!.bars.map(({ row }) => row)).toEqual([0, 1, 0]);
  });

  it('a task that was retried has a bar for each run', () => {
    const retried: TaskEvent = { ...started(1, 1_020), type: 'task-retried' };
    const stream = streamOf(started(1, 1_000), retried, started(1, 1_030, 2), {
      ...settled(1, 1_040, 10),
      attempt: 2,
    });
    expect(stream.lanes[0]!.bars.map(({ state }) => state)).toEqual(['rejected', 'fulfilled']);
  });

  it('a task that was cancelled before it started is counted, and has no bar', () => {
    const stream = streamOf({ ...settled(1, 1_010, undefined, 'cancelled'), worker: undefined });
    expect(stream.counts).toMatchObject({ cancelled: 1, neverStarted: 1 });
    expect(stream.lanes[0]!.bars).toEqual([]);
  });

  it('a worker that starts after one of the same name has ended has a lane of its own', () => {
    const died: TaskEvent = { ...base, type: 'worker-died', at: 1_020 };
    const stream = streamOf(died, { ...base, type: 'worker-spawned', at: 1_030 });
    expect(stream.lanes.map(({ endedAt, hasDied }) => [endedAt, hasDied])).toEqual([
      [20, true],
      [undefined, false],
    ]);
    expect(stream.workers).toBe(1);
  });

  it('a run that was stopped has no running task and no worker', () => {
    const stream = streamOf(started(1, 1_000));
    stream.stop(1_500);
    expect([stream.running, stream.workers]).toEqual([0, 0]);
    expect(stream.lanes[0]!.bars[0]).toMatchObject({ end: 500, state: 'cancelled' });
  });
});

describe('a program of the playground', () => {
  it('the task module imports addresses, and has the same lines', () => {
    const source = taskSource(
      'import { of } from \'rxjs\';\nimport { x } from "rx-futures/worker";\n',
      'https://a.b/c/',
    );
    expect(source.split('\n')).toEqual([
      'import "https://a.b/c/task-console.js";import { of } from "https://a.b/c/rxjs.js";',
      'import { x } from "https://a.b/c/rx-futures/worker.js";',
      '',
    ]);
  });

  it('the main module finds the task module at another address', () => {
    const source = mainSource("run(new URL('./tasks.js', import.meta.url));\nimport('./tasks.js');", 'blob:x', true);
    expect(source).toBe('run(new URL("blob:x"));\nimport("blob:x");');
  });

  it('the main module disposes of its values at its end, if the browser has no "await using"', () => {
    const text = 'await using a = f();\nawait using b = g();\n{\n  await using c = h();\n}\n';
    const source = mainSource(text, 'blob:x', false);
    expect(source).toMatch(/^const a = f\(\);\nconst b = g\(\);\n/);
    expect(source).toMatch(/await b\[Symbol\.asyncDispose\]\(\);\nawait a\[Symbol\.asyncDispose\]\(\);\n$/);
    expect(source).toContain('  await using c'); // a block ends earlier than the module
  });
});

it('the console of the playground shows values in the way of Node', () => {
  const circular: Record<string, unknown> = { n: -0, text: "it's" };
  circular['self'] = circular;
  expect(format(['a', 1n, [1, 'b', undefined], circular])).toBe(
    "a 1n [ 1, 'b', undefined ] { n: -0, text: \"it's\", self: [Circular] }",
  );
  expect(format([new Map([[{ a: 1 }, new Set([null])]]), new Uint8Array(2), [], {}, class A {}, () => 1])).toBe(
    'Map(1) { { a: 1 } => Set(1) { null } } Uint8Array(2) [ 0, 0 ] [] {} [Function: A] [Function (anonymous)]',
  );
  expect(format([{ deep: { deep: { deep: { deep: 1 } } } }])).toBe('{ deep: { deep: { deep: [Object] } } }');
  expect(format([{ long: 'x'.repeat(50), other: 'y'.repeat(30) }])).toBe(
    `{\n  long: '${'x'.repeat(50)}',\n  other: '${'y'.repeat(30)}'\n}`,
  );
});
