import { Executor, SerializationError, type TaskOptions } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { fixture, open } from '../support/open.js';

const number = (name: string, ...values: unknown[]) => values.map((value) => [name, value] as const);

const outOfRange = [
  ...number('maxWorkers', 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY),
  ...number('minWorkers', -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY),
  ...number('concurrency', 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY),
  ...number('maxQueue', -1, 0.5, Number.NaN),
  ...number('idleTimeout', -1, Number.NaN),
  ...number('maxTasksPerWorker', 0, 0.5, Number.NaN),
  ...number('terminateAfter', -1, Number.NaN),
  ...number('finalizeTimeout', -1, Number.NaN),
  ...number('maxMemoryPerWorker', 0, -1, 0.5, Number.NaN),
];

const ofTheWrongKind = [
  ...[
    'maxWorkers',
    'minWorkers',
    'concurrency',
    'maxQueue',
    'idleTimeout',
    'maxTasksPerWorker',
    'terminateAfter',
    'finalizeTimeout',
    'maxMemoryPerWorker',
  ].flatMap((name) => number(name, '4', null, true, {}, [2])),
  ...number('tasks', 4, {}, null, true),
  ...number('name', '', 4, null),
  ...number('runtime', 'threads', 'vm', 1, null),
  ...number('captureStacks', 1, 'yes', null),
  ...number('initializer', () => {}, 4, null),
  ...number('initArgs', 'one', {}, null, 4),
  ...number('finalizer', () => {}, 4, null),
  ...number('rateLimit', 4, null, { count: 1 }, { interval: 1 }, { count: '1', interval: 1 }),
  ...number('resourceLimits', 32, 'much', null),
  ...number('env', 'A=1', null, 4),
  ...number('argv', '--flag', null, {}),
  ...number('execArgv', '--flag', null, {}),
  ...number('argv', [1], ['--flag', null], [Symbol('flag')]),
  ...number('execArgv', [1], ['--no-warnings', undefined]),
  ...number('execArgv', ['--max-old-space-size=256'], ['--no-such-flag'], ['--title=mine']),
  ...number('env', { PORT: 3000 }, { A: null }, { A: Symbol('a') }, { NODE_OPTIONS: '--no-such-flag' }),
  ...number('workerData', () => {}, { log() {} }, [Symbol('a')], Promise.resolve()),
  ...number('resourceLimits', { maxHeap: 64 }, { maxOldGenerationSizeMb: '64' }, { stackSizeMb: null }),
  ...number('onUnobservedError', 'log', null, {}),
  ...number('onCallbackError', 'log', null, {}),
  ...number('backend', 'threads', {}, null),
];

describe('new Executor(options)', () => {
  it.each(outOfRange)(
    'the constructor throws a RangeError for %s: %s, with the option, the expected and the actual value',
    (name, value) => {
      const make = () => new Executor({ [name]: value });
      expect(make).toThrow(RangeError);
      expect(make).toThrow(new RegExp(`${name}.*expected.*got ${value}`));
    },
  );

  it.each(ofTheWrongKind)(
    'the constructor throws a TypeError for %s: %j, with the option and the expected value',
    (name, value) => {
      const make = () => new Executor({ tasks: fixture('gates.js'), [name]: value });
      expect(make).toThrow(TypeError);
      expect(make).toThrow(new RegExp(`^Executor: (option ")?${name}\\b`));
      expect(make).toThrow(/expected .*(got |but )|unknown limit/);
    },
  );

  it.each([
    ['maxOldGenerationSizeMb', 2],
    ['maxOldGenerationSizeMb', -64],
    ['maxYoungGenerationSizeMb', 0],
    ['codeRangeSizeMb', Number.NaN],
    ['stackSizeMb', 0.1],
    ['stackSizeMb', Number.POSITIVE_INFINITY],
  ])(
    'the constructor throws a RangeError for resourceLimits with %s: %s, because Node might end the process',
    (name, value) => {
      const make = () => new Executor({ tasks: fixture('gates.js'), resourceLimits: { [name]: value } });
      expect(make).toThrow(RangeError);
      expect(make).toThrow(
        new RegExp(`resourceLimits\\.${name}": expected a number of MiB, .* or more|more than 0, got`),
      );
    },
  );

  it("the constructor names the part of workerData and initArgs that can't be cloned", () => {
    expect(() => new Executor({ workerData: { log() {} } })).toThrow(/workerData\.log is the function "log"/);
    expect(() => new Executor({ initArgs: [{ a: [Symbol('s')] }] })).toThrow(/initArgs\[0\]\.a\[0\] is a symbol/);
  });

  it.each([[[() => {}]], [[{ deep: [new WeakMap()] }]]])(
    "the constructor throws a SerializationError for initArgs that can't be sent: %o",
    (initArgs) => {
      expect(() => new Executor({ initArgs })).toThrow(SerializationError);
    },
  );

  it('the constructor accepts flags for child processes that threads refuse', async () => {
    const execArgv = ['--max-old-space-size=256'];
    await using executor = open('environment.js', { runtime: 'child_process', execArgv });
    expect((await executor.tasks.environment()).execArgv).toEqual(execArgv);
  });

  it('a worker does not receive undefined variables of env', async () => {
    await using executor = open('environment.js', { env: { MINE: 'yes', OTHER: undefined as never } });
    const { env } = await executor.tasks.environment();
    expect(env).toMatchObject({ MINE: 'yes' });
    expect('OTHER' in env).toBe(false);
  });

  it('the constructor throws for an unknown option, and lists the known options', () => {
    expect(() => new Executor({ maxThreads: 4 } as never)).toThrow(TypeError);
    expect(() => new Executor({ maxThreads: 4 } as never)).toThrow(/maxThreads.*maxWorkers/);
  });

  it('the constructor throws for options that are not an object', () => {
    for (const options of [null, 'tasks.js', 4]) expect(() => new Executor(options as never)).toThrow(TypeError);
  });

  it('the constructor throws if minWorkers is more than maxWorkers', () => {
    expect(() => new Executor({ minWorkers: 3, maxWorkers: 2 })).toThrow(/minWorkers.*2.*got 3/);
  });

  it('the constructor throws for an initializer without a task module', () => {
    expect(() => new Executor({ initializer: 'initialize' })).toThrow(/initializer.*tasks/);
  });

  it('an option that is undefined counts as not given', async () => {
    await using executor = open('gates.js', {
      name: undefined,
      maxQueue: undefined,
      env: undefined,
      resourceLimits: undefined,
    });
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('the tasks option accepts a path, a URL, and a URL as text', async () => {
    const url = fixture('gates.js');
    for (const tasks of [url, url.href, url.pathname]) {
      await using executor = new Executor<typeof import('../fixtures/gates.js')>({ tasks, maxWorkers: 1 });
      expect(await executor.tasks.add(1, 1)).toBe(2);
    }
  });

  it('the worker receives env, argv, execArgv and workerData', async () => {
    await using executor = open('environment.js', {
      env: { MINE: 'yes' },
      argv: ['--mine'],
      execArgv: ['--no-warnings'],
      workerData: { mine: [1] },
    });
    const seen = await executor.tasks.environment();
    expect(seen.env).toMatchObject({ MINE: 'yes' });
    expect(seen.argv).toContain('--mine');
    expect(seen.execArgv).toEqual(['--no-warnings']);
    // tinypool has an entry of its own before the user's.
    expect([seen.workerData].flat()).toContainEqual({ mine: [1] });
  });
});

describe('with(options)', () => {
  const wrong: [string, unknown][] = [
    ['priority', Number.NaN],
    ['priority', Number.POSITIVE_INFINITY],
    ['priority', 'high'],
    ['signal', { aborted: false }],
    ['signal', 'stop'],
    ['timeout', -1],
    ['deadline', 0],
    ['deadline', 'soon'],
    ['deadline', Number.NaN],
    ['timeout', 'long'],
    ['timeout', Number.NaN],
    ['retry', -1],
    ['retry', 1.5],
    ['retry', 'twice'],
    ['retry', { count: 2, dely: 5 }],
    ['retry', { count: 2, delay: -1 }],
    ['retry', { count: 2, when: 'always' }],
  ];

  it.each(wrong)('with() throws at once for %s: %j, on the executor and on a task', async (name, value) => {
    await using executor = open('gates.js');
    const options = { [name]: value } as TaskOptions;
    expect(() => executor.with(options)).toThrow(new RegExp(name));
    expect(() => executor.tasks.add.with(options)).toThrow(new RegExp(name));
  });

  it('with() throws for an unknown option', async () => {
    await using executor = open('gates.js');
    const options = { prio: 1 } as never;
    for (const bind of [() => executor.with(options), () => executor.tasks.add.with(options)]) {
      expect(bind).toThrow(TypeError);
      expect(bind).toThrow(/^with\(options\): unknown option "prio"\. Use one of: .*priority/);
    }
    expect(() => executor.with(null as never)).toThrow(TypeError);
  });

  it('with() applies its options to tasks, functions and names, in addition to earlier options', async () => {
    await using executor = open('gates.js');
    const controller = new AbortController();
    controller.abort('never');
    const bound = executor.with({ signal: controller.signal }).with({ priority: 2 });
    const futures = [
      bound.tasks.add(1, 1),
      bound.submit('add', 1, 1),
      bound.submit(() => 2),
      bound.submit(executor.tasks.add, 1, 1),
    ];
    expect(futures.map(({ state }) => state)).toEqual(Array(4).fill('cancelled'));
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('the options of a task override those of the executor that it is submitted to', async () => {
    await using executor = open('gates.js');
    const controller = new AbortController();
    controller.abort();
    const kept = executor.tasks.add.with({ signal: new AbortController().signal });
    expect(await executor.with({ signal: controller.signal }).submit(kept, 1, 1)).toBe(2);
  });
});
