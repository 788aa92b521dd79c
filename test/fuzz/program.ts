/** Random programs as plain data, which fast-check generates, prints and shrinks. */
import fc from 'fast-check';

/** The backend of a program. */
export type BackendName = 'threads' | 'processes' | 'inline' | 'queue';

/** Exports of tasks.js. */
export type Kind =
  | 'plusOne'
  | 'plusOneLater'
  | 'plusOneSlowly'
  | 'fails'
  | 'failsOnce'
  | 'exits'
  | 'exitsOnce'
  | 'givesFunction'
  | 'never'
  | 'untilAborted';

export interface TaskSettings {
  readonly retry: 0 | 1 | 2;
  /** Sets `retry.when`. On a queue, the client then decides about retries. */
  readonly hasWhen: boolean;
  readonly priority: 0 | 1;
  readonly timeout: number | undefined;
  readonly deadline: number | undefined;
  readonly terminateAfter: number | undefined;
  readonly context: number | undefined;
  /** A queue refuses keys. */
  readonly key: number | undefined;
}

export interface ActorSettings {
  readonly restart: number;
  readonly concurrency: number;
}

/** Number of actors that a program may call. */
export const ACTORS = 2;

export type Sharing = 'none' | 'kept' | 'disposed';

/**
 * Describes how a task ends that reads a stream: it has read `after` values, and the next one
 * comes. `throwsOnce` does that in the first attempt only.
 */
export interface Stop {
  readonly how: 'none' | 'leaves' | 'throws' | 'throwsOnce' | 'exits' | 'never';
  readonly after: number;
}

/** A task that reads the stream before it, and whose values the next one reads. */
export interface Stage extends Stop {
  readonly settings: TaskSettings;
  readonly highWaterMark: number | { readonly bytes: number };
  /** The stage is a method of this actor. */
  readonly actor: number | undefined;
  /** The stage is made by the operator `through`, if the source before it can be piped. */
  readonly isPiped: boolean;
}

/** A stream of a task, or one of the caller. */
export type FlowSource =
  | 'counts'
  | 'countsLater'
  | 'map'
  | 'array'
  | 'generator'
  | 'async'
  | 'iterable'
  | 'observable'
  | 'readable'
  | 'web';

export interface Flow {
  readonly source: FlowSource;
  readonly count: number;
  /** Number of values after which a source of the caller throws. */
  readonly failsAfter: number | undefined;
  readonly stages: readonly Stage[];
  /** The reader of the last stage: a task, a call of an actor, a map, or a loop on this thread. */
  readonly reader: 'task' | 'call' | 'map' | 'loop';
  readonly stop: Stop;
  readonly settings: TaskSettings;
  readonly actor: number;
}

export type Step =
  | { readonly type: 'task'; readonly kind: Kind; readonly settings: TaskSettings }
  /** A step that is a function on this thread. */
  | { readonly type: 'local'; readonly returns: 'value' | 'promise' | 'observable' | 'future' | 'throws' }
  | { readonly type: 'recover' };

/** An action in a callback that the executor calls. */
export type Action = 'nothing' | 'submit' | 'chain' | 'cancel' | 'throw' | 'shutdown' | 'cancelPending' | 'terminate';

/** A command of a program. `of` is an index of the existing futures, modulo their number. */
export type Command =
  | {
      readonly type: 'submit';
      readonly kind: Kind;
      readonly settings: TaskSettings;
      readonly n: number;
      /** The argument is a shared value, which may be disposed of after the submit. */
      readonly sharing: Sharing;
      readonly done: Action;
    }
  /** A task whose argument is another future. */
  | { readonly type: 'apply'; readonly kind: Kind; readonly settings: TaskSettings; readonly of: number }
  | { readonly type: 'pipe'; readonly of: number; readonly steps: readonly Step[]; readonly done: Action }
  | { readonly type: 'pipeline'; readonly kinds: readonly Kind[]; readonly settings: TaskSettings; readonly n: number }
  | {
      readonly type: 'broadcast';
      readonly kind: Kind;
      readonly settings: TaskSettings;
      readonly n: number;
      readonly sharing: Sharing;
    }
  /** A call of an actor. Its argument is a value, or another future if `of` is given. */
  | {
      readonly type: 'call';
      readonly actor: number;
      readonly kind: Kind;
      readonly settings: TaskSettings;
      readonly n: number;
      readonly of: number | undefined;
      readonly done: Action;
    }
  | { readonly type: 'end'; readonly actor: number }
  | { readonly type: 'pause' | 'resume' }
  | { readonly type: 'cancel'; readonly of: number }
  | {
      readonly type: 'combine';
      readonly how: 'all' | 'allSettled' | 'any' | 'race';
      readonly of: readonly number[];
      readonly cancelRest: boolean;
    }
  | { readonly type: 'asCompleted'; readonly of: readonly number[]; readonly take: number }
  | {
      readonly type: 'map';
      readonly kind: Kind;
      readonly source: 'array' | 'generator' | 'async' | 'promises' | 'observable';
      readonly count: number;
      readonly ordered: boolean;
      readonly settle: boolean;
      /** Number of results after which the reader stops. */
      readonly take: number;
    }
  | {
      readonly type: 'stream';
      readonly kind: 'counts' | 'countsLater';
      readonly count: number;
      readonly highWaterMark: number | { readonly bytes: number };
      readonly take: number;
      /** The reader awaits this after each value, so the stream waits for it. */
      readonly between: 'nothing' | 'task' | 'call' | 'broadcast';
    }
  /** A stream that flows through any number of tasks to a reader. */
  | ({ readonly type: 'flow'; readonly done: Action } & Flow)
  | { readonly type: 'wait'; readonly how: 'microtask' | 'turn' | 'started' | 'settled'; readonly of: number }
  | { readonly type: 'listen'; readonly event: string; readonly action: Action };

export interface Program {
  readonly backend: BackendName;
  readonly maxWorkers: number;
  readonly concurrency: number;
  readonly minWorkers: 0 | 1;
  readonly maxTasksPerWorker: number;
  readonly maxQueue: number;
  readonly terminateAfter: number;
  /** The values of `terminateAfter` may be too short for tasks that settle by themselves. */
  readonly isHasty: boolean;
  readonly rateLimit: { readonly count: number; readonly interval: number } | undefined;
  /** The workers have an initializer and a finalizer. */
  readonly isFinalized: boolean;
  /** The executor has the option `context`. */
  readonly hasContext: boolean;
  /** Options of the actors, which are made when they are first called. */
  readonly actors: readonly ActorSettings[];
  readonly commands: readonly Command[];
  readonly ending: 'shutdown' | 'cancelPending' | 'terminate' | 'shutdown then terminate';
}

/**
 * Kinds that settle by themselves and don't end their worker. They are used more often than the
 * others.
 */
const harmless: Kind[] = ['plusOne', 'plusOneLater', 'plusOneSlowly', 'fails', 'failsOnce', 'givesFunction'];
const deadly: Kind[] = ['exits', 'exitsOnce'];
const endless: Kind[] = ['never', 'untilAborted'];

/**
 * Time in ms that a task which settles by itself never needs, even on a slow machine. A program
 * counts as hanging before that. So a task that should have been aborted is found, not terminated.
 */
const ENOUGH = 60_000;

const of = fc.nat(30);

function settings(kind: Kind, backend: BackendName): fc.Arbitrary<TaskSettings> {
  return fc.record({
    retry: fc.constantFrom(0, 0, 0, 1, 2),
    hasWhen: fc.boolean(),
    priority: fc.constantFrom(0, 0, 1),
    timeout: endless.includes(kind)
      ? fc.constantFrom(undefined, 20, 20)
      : fc.constantFrom(undefined, undefined, ENOUGH),
    deadline: endless.includes(kind)
      ? fc.constantFrom(undefined, undefined, 20)
      : fc.constantFrom(undefined, undefined, undefined, ENOUGH),
    terminateAfter: fc.constantFrom(undefined, undefined, undefined, 0, 30),
    context: fc.constantFrom(undefined, undefined, 1, 2),
    key: backend === 'queue' ? fc.constant(undefined) : fc.constantFrom(undefined, undefined, undefined, 1, 2),
  });
}

function kindOf(backend: BackendName): fc.Arbitrary<Kind> {
  // Inline tasks run in the process of the test, so they must not exit.
  const kinds =
    backend === 'inline' ? [...harmless, ...harmless, ...endless] : [...harmless, ...harmless, ...deadly, ...endless];
  return fc.constantFrom(...kinds);
}

function task(backend: BackendName): fc.Arbitrary<{ kind: Kind; settings: TaskSettings }> {
  return kindOf(backend).chain((kind) => fc.record({ kind: fc.constant(kind), settings: settings(kind, backend) }));
}

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Action>('nothing') },
  { weight: 4, arbitrary: fc.constantFrom<Action>('submit', 'chain', 'cancel', 'throw') },
  { weight: 1, arbitrary: fc.constantFrom<Action>('shutdown', 'cancelPending', 'terminate') },
);

function step(backend: BackendName): fc.Arbitrary<Step> {
  return fc.oneof(
    { weight: 5, arbitrary: task(backend).map((each): Step => ({ type: 'task', ...each })) },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom('value' as const, 'promise' as const, 'observable' as const, 'future' as const, 'throws' as const)
        .map((returns): Step => ({ type: 'local', returns })),
    },
    { weight: 1, arbitrary: fc.constant<Step>({ type: 'recover' }) },
  );
}

function stop(backend: BackendName): fc.Arbitrary<Stop> {
  const hows: Stop['how'][] = ['none', 'none', 'none', 'none', 'leaves', 'leaves', 'throws', 'throwsOnce', 'never'];
  // Inline tasks run in the process of the test, so they must not exit.
  if (backend !== 'inline') hows.push('exits');
  return fc.record({ how: fc.constantFrom(...hows), after: fc.constantFrom(0, 1, 3, 20) });
}

/** The settings of a task that reads a stream. */
function settingsOf({ how }: Stop, backend: BackendName): fc.Arbitrary<TaskSettings> {
  return settings(how === 'never' ? 'never' : 'plusOne', backend);
}

function stage(backend: BackendName): fc.Arbitrary<Stage> {
  return stop(backend).chain((stop) =>
    fc.record({
      how: fc.constant(stop.how),
      after: fc.constant(stop.after),
      settings: settingsOf(stop, backend),
      highWaterMark: fc.constantFrom(1, 4, 1_024, { bytes: 1 }, { bytes: 40 }),
      actor: fc.constantFrom(undefined, undefined, undefined, undefined, 0, 1),
      isPiped: fc.boolean(),
    }),
  );
}

function flow(backend: BackendName): fc.Arbitrary<Flow> {
  return stop(backend).chain((stop) =>
    fc.record({
      source: fc.constantFrom<FlowSource[]>(
        'counts',
        'counts',
        'countsLater',
        'countsLater',
        'map',
        'array',
        'generator',
        'async',
        'iterable',
        'observable',
        'readable',
        'web',
      ),
      count: fc.constantFrom(0, 1, 4, 30, 100),
      failsAfter: fc.constantFrom(undefined, undefined, undefined, 0, 3),
      stages: fc.array(stage(backend), { maxLength: 4 }),
      reader: fc.constantFrom('task' as const, 'task' as const, 'call' as const, 'map' as const, 'loop' as const),
      stop: fc.constant(stop),
      settings: settingsOf(stop, backend),
      actor: fc.nat(ACTORS - 1),
    }),
  );
}

function command(backend: BackendName): fc.Arbitrary<Command> {
  const n = fc.nat(9);
  // A queue refuses shared values.
  const sharing: fc.Arbitrary<Sharing> =
    backend === 'queue' ? fc.constant('none') : fc.constantFrom('none', 'none', 'none', 'kept', 'disposed');
  const some = fc.array(of, { minLength: 1, maxLength: 4 });
  const all: { weight: number; arbitrary: fc.Arbitrary<Command> }[] = [
    {
      weight: 10,
      arbitrary: fc
        .tuple(task(backend), n, sharing, action)
        .map(([each, n, sharing, done]): Command => ({ type: 'submit', ...each, n, sharing, done })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(task(backend), of).map(([each, of]): Command => ({ type: 'apply', ...each, of })),
    },
    {
      weight: 8,
      arbitrary: fc
        .tuple(of, fc.array(step(backend), { minLength: 1, maxLength: 4 }), action)
        .map(([of, steps, done]): Command => ({ type: 'pipe', of, steps, done })),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.array(kindOf(backend), { minLength: 2, maxLength: 3 }), settings('plusOne', backend), n)
        .map(([kinds, settings, n]): Command => ({ type: 'pipeline', kinds, settings, n })),
    },
    { weight: 4, arbitrary: of.map((of): Command => ({ type: 'cancel', of })) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          fc.constantFrom('all' as const, 'allSettled' as const, 'any' as const, 'race' as const),
          some,
          fc.boolean(),
        )
        .map(([how, of, cancelRest]): Command => ({ type: 'combine', how, of, cancelRest })),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(some, fc.nat(4)).map(([of, take]): Command => ({ type: 'asCompleted', of, take })),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constant('map' as const),
        kind: kindOf(backend),
        source: fc.constantFrom(
          'array' as const,
          'generator' as const,
          'async' as const,
          'promises' as const,
          'observable' as const,
        ),
        count: fc.nat(20),
        ordered: fc.boolean(),
        settle: fc.boolean(),
        take: fc.constantFrom(1, 3, Number.MAX_SAFE_INTEGER),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constant('stream' as const),
        kind: fc.constantFrom('counts' as const, 'countsLater' as const),
        count: fc.nat(60),
        highWaterMark: fc.constantFrom(1, 4, 1_024, { bytes: 1 }, { bytes: 40 }),
        take: fc.constantFrom(1, 5, Number.MAX_SAFE_INTEGER),
        between:
          backend === 'queue'
            ? fc.constantFrom('nothing' as const, 'task' as const)
            : fc.constantFrom(
                'nothing' as const,
                'nothing' as const,
                'task' as const,
                'call' as const,
                'broadcast' as const,
              ),
      }),
    },
    {
      weight: 6,
      arbitrary: fc
        .tuple(fc.constantFrom('microtask' as const, 'turn' as const, 'started' as const, 'settled' as const), of)
        .map(([how, of]): Command => ({ type: 'wait', how, of })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          fc.constantFrom(
            'task-submitted',
            'task-started',
            'task-settled',
            'worker-spawned',
            'worker-ready',
            'worker-died',
            'worker-ended',
          ),
          action,
        )
        .map(([event, action]): Command => ({ type: 'listen', event, action })),
    },
  ];
  // On a queue both throw, because its workers belong to servers.
  if (backend !== 'queue') {
    all.push(
      {
        weight: 3,
        // A broadcast refuses a key.
        arbitrary: fc.tuple(task(backend), n, sharing).map(
          ([{ kind, settings }, n, sharing]): Command => ({
            type: 'broadcast',
            kind,
            settings: { ...settings, key: undefined },
            n,
            sharing,
          }),
        ),
      },
      { weight: 2, arbitrary: fc.constantFrom('pause' as const, 'resume' as const).map((type): Command => ({ type })) },
      {
        weight: 8,
        arbitrary: fc
          .tuple(
            task(backend),
            n,
            fc.nat(ACTORS - 1),
            fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, of),
            action,
          )
          .map(
            ([{ kind, settings }, n, actor, of, done]): Command => ({
              type: 'call',
              actor,
              kind,
              settings: { ...settings, key: undefined },
              n,
              of,
              done,
            }),
          ),
      },
      { weight: 1, arbitrary: fc.nat(ACTORS - 1).map((actor): Command => ({ type: 'end', actor })) },
      {
        weight: 8,
        arbitrary: fc.tuple(flow(backend), action).map(([flow, done]): Command => ({ type: 'flow', ...flow, done })),
      },
    );
  }
  return fc.oneof(...all);
}

/** Returns true if a task may run until it is cancelled, or until its worker ends. */
export function isEndless({ commands }: Program): boolean {
  return /"(never|untilAborted)"/.test(JSON.stringify(commands));
}

/**
 * Returns true if a worker may be terminated, because a cancelled task on it needs more time than
 * it has. Tasks without an end are terminated in many programs. On a slow machine, any task may be.
 */
export function isHasty(program: Program): boolean {
  return program.isHasty || isEndless(program);
}

/** Returns the program, with enough time for its tasks to stop unless it is hasty. */
function withTime(program: Program): Program {
  return isHasty(program) ? program : copyWithTime(program);
}

function copyWithTime<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyWithTime) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => [
    key,
    key === 'terminateAfter' && part !== undefined ? ENOUGH : copyWithTime(part),
  ]);
  return Object.fromEntries(entries);
}

export function programs(backend: BackendName, maxLength = 14): fc.Arbitrary<Program> {
  const some: fc.Arbitrary<Program> = fc.record({
    backend: fc.constant(backend),
    maxWorkers: fc.integer({ min: 1, max: 3 }),
    concurrency: fc.constantFrom(1, 1, 3),
    minWorkers: fc.constantFrom(0, 0, 1),
    maxTasksPerWorker: fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 1, 3),
    maxQueue: fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 2),
    terminateAfter: fc.constantFrom(0, 10, 50),
    isHasty: fc.boolean(),
    rateLimit: fc.constantFrom(undefined, undefined, undefined, { count: 3, interval: 20 }),
    isFinalized: fc.boolean(),
    hasContext: fc.boolean(),
    actors: fc.array(fc.record({ restart: fc.constantFrom(0, 0, 1, 3), concurrency: fc.constantFrom(1, 1, 2) }), {
      minLength: ACTORS,
      maxLength: ACTORS,
    }),
    commands: fc.array(command(backend), { minLength: 1, maxLength }),
    ending: fc.constantFrom('shutdown', 'shutdown', 'cancelPending', 'terminate', 'shutdown then terminate'),
  });
  return some.map(withTime);
}
