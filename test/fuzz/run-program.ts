/**
 * Runs one random program on a real executor and checks the guarantees:
 *
 *   - Every future settles, and shutdown or terminate resolves (G5, G14).
 *   - The outcome of each future is possible for its task, its source and the calls on it (G1, G6,
 *     G7, G9).
 *   - No task runs more often than its retries allow, and no step runs after its source failed (G6,
 *     G1).
 *   - No task starts in a pause. No broadcast runs twice on a worker. A worker runs no task after
 *     its finalizer. Each run has its own context (G24). Tasks of one key start in the order of
 *     their submits (G19).
 *   - The calls of an actor start in order, as many at a time as it allows, on one worker for each
 *     object. A new object needs a restart (G17).
 *   - A reader of a stream receives all values in order, then the error of its source. Each stage
 *     ends through its `finally` (G20).
 *   - Each done callback runs once, and an error that it throws is reported (G3).
 *   - No error escapes from the library, and no worker is left (G5, G13).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep, setImmediate as timeSlice } from 'node:timers/promises';
import {
  Actor,
  all,
  allSettled,
  any,
  asCompleted,
  chain,
  type Executor,
  type Future,
  type Outcome,
  pipeline,
  ResultStream,
  race,
  recover,
  through,
} from 'rx-futures';
import { from, of } from 'rxjs';
import {
  ACTORS,
  type Action,
  type Command,
  type Flow,
  type Stage as FlowStage,
  isEndless,
  isHasty,
  type Kind,
  type Program,
  type Sharing,
  type Step,
  type TaskSettings,
} from './program.js';
import {
  type Entry,
  judgeActor,
  judgeBroadcast,
  judgeFinalizers,
  judgeKeys,
  judgeStages,
  judgeStarts,
  readLog,
} from './run-log.js';

type Tasks = typeof import('./tasks.js');
export interface Value {
  readonly n: number;
  readonly log: string;
}

/** The executor of a program. `close` stops the server that the executor does not own. */
export interface Stage {
  readonly executor: Executor<any>;
  close(): Promise<void>;
}

/** `log` is the file to which initializers append. */
export type OpenStage = (program: Program, log: string, onCallbackError: (error: unknown) => void) => Promise<Stage>;

/** The context of tasks without a context of their own. */
export const COMMON_CONTEXT = 'common';

/** Time in ms after which a pending future counts as hanging. */
const HANGS_AFTER = 30_000;
/** Time in ms that a program waits for a future that may never settle. */
const PATIENCE = 150;
/** The value with which `recover` replaces a failure. */
const RECOVERED = 1_000;

const tasksUrl = new URL('./tasks.js', import.meta.url);
const callbackFault = new Error('thrown by a callback, as planned');
const localFault = new RangeError('thrown by a function, as planned');

interface Node {
  readonly title: string;
  readonly future: Future<any>;
  /** Task steps that run with the id of this future, in order. */
  readonly kinds: readonly (Kind | 'reads')[];
  readonly settings: TaskSettings;
  /** Returns the reason for which the outcome is a fault, or undefined if it is allowed. */
  judge: (outcome: Outcome<any>) => string | undefined;
  source?: Node;
  /** True if the future was made when the executor no longer accepted work. */
  readonly isLate: boolean;
  /**
   * True if the future belongs to no executor: a combinator, or a function chained to one. Errors
   * of its callbacks are not reported to `onCallbackError`.
   */
  isDetached: boolean;
  called: number;
  group: { cancelled: boolean; parent?: Node['group'] };
}

export async function runProgram(program: Program, open: OpenStage): Promise<void> {
  const run = new Run(program);
  try {
    await run.play(open);
  } finally {
    run.dispose();
  }
}

class Run {
  readonly #program: Program;
  readonly #dir = mkdtempSync(join(tmpdir(), 'rx-futures-fuzz-'));
  readonly #log = join(this.#dir, 'runs');
  readonly #nodes: Node[] = [];
  /** Ids of tasks that were submitted by callbacks and functions. */
  readonly #readers: Promise<unknown>[] = [];
  readonly #faults: string[] = [];
  readonly #callbackErrors: unknown[] = [];
  /** Nodes of tasks that were submitted alone, not as parts of a chain. */
  readonly #submitted = new Map<number, Node>();
  readonly #actors: (any | undefined)[] = [];
  /** Keys of the tasks that read a stream. */
  readonly #readerKeys = new Map<number, number | undefined>();
  /** Sources of this thread that were started and have not ended. */
  #openSources = 0;
  readonly #broadcasts: { readonly tag: string; readonly node: Node }[] = [];
  /** Ids of submitted tasks that had not started when the executor was paused. */
  #paused: number[] = [];
  /** Starts of submitted tasks, in ms. */
  readonly #starts: { readonly id: number; readonly at: number }[] = [];
  #thrownByCallbacks = 0;
  #closing: Promise<unknown>[] = [];
  #executor!: Executor<any>;
  /** True if a future may be cancelled without a call of its own `cancel()`. */
  readonly #mayCancelAll: boolean;
  /** True if a task may end its worker, or may be terminated together with its worker. */
  readonly #isDeadly: boolean;
  /** True if other tasks may be lost with a worker that dies. */
  readonly #mayLoseOthers: boolean;
  /** Errors that any task of this program may be rejected with. */
  readonly #accidents: readonly string[];
  readonly #escaped = (error: unknown) =>
    void this.#faults.push(`an error escaped: ${String((error as Error)?.stack ?? error)}`);

  constructor(program: Program) {
    this.#program = program;
    writeFileSync(this.#log, '');
    const text = JSON.stringify(program.commands);
    const mayClose = /"(shutdown|cancelPending|terminate)"/.test(text);
    this.#mayCancelAll = mayClose || isEndless(program) || program.ending !== 'shutdown';
    this.#isDeadly = /"(exits|exitsOnce)"/.test(text) || isHasty(program);
    const hasActors = /"(call|end)"|"actor":/.test(text);
    const interleaves =
      hasActors || program.concurrency > 1 || program.backend !== 'threads' || /"(map|stream|flow)"/.test(text);
    this.#mayLoseOthers = this.#isDeadly && interleaves;
    this.#accidents = [
      ...(program.maxQueue < 10 ? ['QueueFullError'] : []),
      ...(this.#mayLoseOthers ? ['WorkerDiedError'] : []),
      ...(this.#mayLoseOthers && hasActors ? ['ActorDiedError'] : []),
      ...(mayClose ? ['ExecutorShutdownError'] : []),
    ];
    process.on('uncaughtException', this.#escaped);
    process.on('unhandledRejection', this.#escaped);
  }

  dispose(): void {
    process.off('uncaughtException', this.#escaped);
    process.off('unhandledRejection', this.#escaped);
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async play(open: OpenStage): Promise<void> {
    const stage = await open(this.#program, this.#log, (error) => void this.#callbackErrors.push(error));
    this.#executor = stage.executor;
    if (this.#program.rateLimit !== undefined && this.#program.backend !== 'queue') {
      this.#executor.events.subscribe((event) => {
        if (event.type === 'task-started') this.#starts.push(event);
      });
    }
    try {
      for (const command of this.#program.commands) await this.#do(command);
      this.#judgePause();
      await this.#end();
    } finally {
      await stage.executor.terminate();
      await stage.close();
    }
    // Errors that escape are emitted in a later turn.
    await timeSlice();
    await timeSlice();
    this.#examine();
    if (this.#faults.length > 0) throw new Error([...new Set(this.#faults)].join('\n'));
  }

  // ── commands ──────────────────────────────────────────────────

  async #do(command: Command): Promise<void> {
    try {
      await this.#perform(command);
    } catch (error) {
      // A call on a closed executor throws. Any other exception is a fault.
      if (!this.#isClosed()) this.#faults.push(`${command.type} threw ${String((error as Error)?.stack ?? error)}`);
    }
  }

  async #perform(command: Command): Promise<void> {
    switch (command.type) {
      case 'submit': {
        const { kind, n } = command;
        const future = this.#passing({ n, log: this.#log }, command.sharing, this.#task(kind, command.settings));
        const node = this.#add(
          `${kind}(${n})`,
          future,
          [kind],
          command.settings,
          this.#endsAs(kind, n, command.settings),
        );
        this.#submitted.set(future.id, node);
        this.#onDone(node, command.done);
        return;
      }
      case 'apply': {
        const source = this.#pick(command.of);
        if (source === undefined) return;
        const { kind, settings } = command;
        const future = this.#task(kind, settings)(source.future);
        this.#follow(
          `${kind}(#${source.future.id})`,
          future,
          source,
          [{ type: 'task', kind, settings }],
          settings,
          true,
        );
        return;
      }
      case 'pipe': {
        const source = this.#pick(command.of);
        if (source === undefined) return;
        const { steps } = command;
        const operators = steps.map((step) => this.#operator(step));
        const future: Future<any> = (source.future.pipe as any)(...operators);
        const settings = steps.reduce<TaskSettings>(
          (most, step) => (step.type === 'task' && step.settings.retry > most.retry ? step.settings : most),
          plain,
        );
        const node = this.#follow(
          `#${source.future.id}.pipe(${steps.map(titleOf)})`,
          future,
          source,
          steps,
          settings,
          false,
        );
        this.#onDone(node, command.done);
        return;
      }
      case 'pipeline': {
        const { kinds, n, settings } = command;
        const tasks = kinds.map((kind) => this.#executor.tasks[kind]) as [any, any];
        const future: Future<any> = (pipeline(...tasks) as any).with(optionsOf(settings))({ n, log: this.#log });
        const steps = kinds.map((kind): Step => ({ type: 'task', kind, settings }));
        this.#add(`pipeline(${kinds})(${n})`, future, kinds, settings, (outcome) => {
          // A retry runs the pipeline from the start. If several steps fail once, the pipeline
          // needs more runs than one step.
          if (outcome.status === 'rejected' && outcome.reason instanceof RangeError && kinds.includes('failsOnce'))
            return undefined;
          return this.#judgeSteps(outcome, { status: 'fulfilled', n }, steps, settings.timeout !== undefined);
        });
        return;
      }
      case 'broadcast': {
        const { kind, n, settings } = command;
        const tag = `broadcast-${this.#broadcasts.length}`;
        const input = { n, log: this.#log, tag };
        const future = this.#passing(input, command.sharing, (value) =>
          this.#executor.broadcast(this.#task(kind, settings), value),
        );
        const node = this.#add(`broadcast(${kind}, ${n})`, future, [], settings, (outcome) =>
          this.#judgeResults(outcome, kind, n, settings),
        );
        this.#broadcasts.push({ tag, node });
        return;
      }
      case 'call': {
        const { kind, n, settings } = command;
        // The stages of a flow start when its reader reads. A call before them that waits for that
        // reader would wait forever, because the later calls of an actor wait behind it.
        const isStage = this.#program.commands.some(
          (flow) => flow.type === 'flow' && flow.stages.some(({ actor }) => actor === command.actor),
        );
        const source = command.of === undefined || isStage ? undefined : this.#pick(command.of);
        const method = this.#actor(command.actor)[kind].with(optionsOf(settings));
        const judge = (outcome: Outcome<any>, judged: string | undefined) => {
          if (outcome.status === 'rejected' && this.#mayBeDead(outcome.reason)) return undefined;
          // A call that failed after its actor had left the worker is not run again.
          const isLast = kind === 'failsOnce' && outcome.status === 'rejected' && isError(outcome.reason, 'RangeError');
          return isLast && this.#mayLoseOthers ? undefined : judged;
        };
        if (source === undefined) {
          const title = `actor-${command.actor}.${kind}(${n})`;
          const judgeCall = this.#endsAs(kind, n, settings);
          const future = method({ n, log: this.#log });
          this.#onDone(
            this.#add(title, future, [kind], settings, (outcome) => judge(outcome, judgeCall(outcome))),
            command.done,
          );
        } else {
          const step: Step = { type: 'task', kind, settings };
          const title = `actor-${command.actor}.${kind}(#${source.future.id})`;
          const node = this.#follow(title, method(source.future), source, [step], settings, true);
          const judgeStep = node.judge;
          node.judge = (outcome) => judge(outcome, judgeStep(outcome));
        }
        return;
      }
      case 'end':
        this.#readers.push(
          Actor.end(this.#actor(command.actor)).catch((error) => {
            if (!isError(error, 'ActorDiedError') && !isError(error, 'CancelledError'))
              this.#faults.push(`Actor.end() rejected with ${String(error?.stack ?? error)}`);
          }),
        );
        return;
      case 'pause':
        this.#judgePause();
        this.#executor.pause();
        this.#paused = [...this.#submitted.values()].flatMap(({ future }) =>
          future.state === 'pending' ? [future.id] : [],
        );
        return;
      case 'resume':
        this.#judgePause();
        this.#executor.resume();
        this.#paused = [];
        return;
      case 'cancel': {
        const node = this.#pick(command.of);
        if (node !== undefined) this.#cancel(node);
        return;
      }
      case 'combine': {
        const members = command.of.map((index) => this.#pick(index)).filter((node) => node !== undefined);
        if (members.length === 0) return;
        for (const member of members) join_(members[0]!, member);
        if (command.cancelRest) groupOf(members[0]!).cancelled = true;
        const futures = members.map(({ future }) => future);
        const options = { cancelRest: command.cancelRest };
        const future: Future<any> =
          command.how === 'all'
            ? all(futures, options)
            : command.how === 'any'
              ? any(futures, options)
              : command.how === 'race'
                ? race(futures, options)
                : allSettled(futures);
        const node = this.#add(`${command.how}(${futures.map(({ id }) => `#${id}`)})`, future, [], plain, (outcome) =>
          judgeCombined(command.how, outcome, futures),
        );
        join_(members[0]!, node);
        node.isDetached = true;
        return;
      }
      case 'asCompleted': {
        const members = command.of.map((index) => this.#pick(index)).filter((node) => node !== undefined);
        this.#readers.push(
          (async () => {
            let read = 0;
            for await (const outcome of asCompleted(members.map(({ future }) => future))) {
              if (!outcome.future.isSettled) this.#faults.push('asCompleted emitted a future that had not settled');
              if (++read > command.take) break;
            }
          })(),
        );
        return;
      }
      case 'map':
        this.#readers.push(this.#readMap(command));
        return;
      case 'stream':
        this.#readers.push(this.#readStream(command));
        return;
      case 'flow':
        this.#flow(command);
        return;
      case 'wait':
        await this.#wait(command.how, this.#pick(command.of)?.future);
        return;
      case 'listen': {
        let isFirst = true;
        this.#executor.events.subscribe((event: { type: string }) => {
          if (event.type !== command.event || !isFirst) return;
          isFirst = false;
          this.#act(command.action, undefined);
        });
        return;
      }
      default:
        command satisfies never;
    }
  }

  /** Returns an actor of the program. Makes it if it does not exist. */
  #actor(index: number): any {
    const { restart, concurrency } = this.#program.actors[index]!;
    const { Place } = this.#executor.actors as any;
    this.#actors[index] ??= Place.with({ restart, concurrency })(this.#log, `actor-${index}`);
    return this.#actors[index];
  }

  /** Calls a task with a value, or with the shared value. */
  #passing(value: Value, sharing: Sharing, call: (value: any) => Future<any>): Future<any> {
    if (sharing === 'none') return call(value);
    const shared = this.#executor.share(value);
    try {
      return call(shared);
    } finally {
      if (sharing === 'disposed') shared.dispose();
    }
  }

  async #readMap(command: Command & { type: 'map' }): Promise<void> {
    const { kind, count, source, ordered, settle, take } = command;
    const inputs = Array.from({ length: count }, (_, n): Value => ({ n, log: this.#log }));
    const made = {
      array: () => inputs,
      generator: function* () {
        yield* inputs;
      },
      async: async function* () {
        for (const input of inputs) yield input;
      },
      promises: () => inputs.map((input) => Promise.resolve(input)),
      observable: () => from(inputs),
    }[source]();
    const read: unknown[] = [];
    try {
      for await (const item of this.#executor.map(kind, made as any, { ordered, settle })) {
        read.push(item);
        if (read.length >= take) break;
      }
      const isCutShort = take > count && read.length !== count;
      if (isCutShort) this.#faults.push(`map of ${count} inputs completed after ${read.length} results`);
    } catch (error) {
      if (settle && isError(error, 'RangeError')) this.#faults.push(`map with settle failed with ${String(error)}`);
      if (!this.#mayFail(error, kind))
        this.#faults.push(`map(${kind}) failed with ${String((error as Error).stack ?? error)}`);
    }
    if (settle || !ordered || !['plusOne', 'plusOneLater', 'plusOneSlowly'].includes(kind)) return;
    if (read.some((value, i) => (value as Value).n !== i + 1))
      this.#faults.push(`map(${kind}) returned ${JSON.stringify(read)}`);
  }

  async #readStream(command: Command & { type: 'stream' }): Promise<void> {
    const { kind, count, highWaterMark, take } = command;
    const read: number[] = [];
    try {
      for await (const n of this.#executor.with({ highWaterMark }).stream(kind, { n: count, log: this.#log })) {
        read.push(n as number);
        if (read.length >= take) break;
        await this.#between(command);
      }
      if (take > count && read.length !== count)
        this.#faults.push(`${kind}(${count}) completed after ${read.length} values`);
    } catch (error) {
      if (!this.#mayFail(error, kind))
        this.#faults.push(`${kind} failed with ${String((error as Error).stack ?? error)}`);
    }
    if (read.some((n, i) => n !== i)) this.#faults.push(`${kind} returned ${read}`);
  }

  /** Awaits what the reader of a stream does after each value. */
  async #between({ between, count }: Command & { type: 'stream' }): Promise<void> {
    if (between === 'nothing') return;
    const input = { n: 0, log: this.#log };
    const results = {
      task: () => this.#executor.tasks.plusOne!(input),
      call: () => this.#actor(count % ACTORS).plusOne(input),
      broadcast: () => this.#executor.broadcast('plusOne', input),
    };
    const outcome = await results[between]().settled();
    const error = outcome.reason;
    if (error === undefined || this.#mayFail(error, '')) return;
    if (between !== 'call' || !this.#mayBeDead(error)) this.#faults.push(`${between} failed with ${String(error)}`);
  }

  /** Returns true if the actor may be gone, so that its calls are rejected with this error. */
  #mayBeDead(error: unknown): boolean {
    const hasEnded = this.#program.commands.some(({ type }) => type === 'end');
    return isError(error, 'ActorDiedError') && (hasEnded || this.#mayLoseOthers);
  }

  #flow(command: Command & { type: 'flow' }): void {
    const { reader, settings, stop, actor, done } = command;
    let input: any = this.#flowSource(command);
    for (const stage of command.stages) input = this.#flowStage(stage, input);
    const title = `${[command.source, ...command.stages.map(titleOfStage)].join(' > ')} > ${reader}`;
    if (reader === 'map') input = this.#executor.map('same', input);
    if (reader === 'map' || reader === 'loop') {
      if (typeof input[Symbol.asyncIterator] === 'function') this.#readers.push(this.#readFlow(title, input, command));
      return;
    }
    const value = { log: this.#log, stop };
    const { tasks } = this.#executor;
    const task = reader === 'task' ? (tasks as any).reads : this.#actor(actor).reads;
    const { key } = settings;
    const future = task.with(optionsOf(reader === 'task' ? settings : { ...settings, key: undefined }))(input, value);
    if (reader === 'task') this.#readerKeys.set(future.id, key);
    const judge = (outcome: Outcome<any>) => {
      const ended = outcome.status === 'fulfilled' ? outcome.value.n : (outcome as { reason: unknown }).reason;
      return this.#judgeFlow(command, ended);
    };
    this.#onDone(this.#add(title, future, ['reads'], settings, judge), done);
  }

  #flowSource({ source, count, failsAfter, stages, reader }: Flow): unknown {
    const { tasks } = this.#executor as any;
    if (source === 'counts' || source === 'countsLater') return tasks[source].stream({ n: count, log: this.#log });
    const inputs = Array.from({ length: count }, (_, n): Value => ({ n, log: this.#log }));
    if (source === 'map') return this.#executor.map('plusOne', inputs);
    if (source === 'array') return inputs.map(({ n }) => n);
    const self = this;
    // A stream of Node and of the web starts its source before it is read.
    const counted = source === 'readable' || source === 'web' ? 0 : 1;
    function* values() {
      self.#openSources += counted;
      try {
        for (let n = 0; n < count; n++) {
          if (n === failsAfter) throw localFault;
          yield n;
        }
      } finally {
        self.#openSources -= counted;
      }
    }
    async function* later() {
      for (const n of values()) {
        if (n % 16 === 0) await timeSlice();
        yield n;
      }
    }
    if (source === 'generator') return values();
    if (source === 'async') return later();
    if (source === 'iterable') return { [Symbol.asyncIterator]: later };
    if (source === 'observable') return from({ [Symbol.iterator]: values } as Iterable<number>);
    if (source === 'readable') return Readable.from(later());
    // Before Node 24, a loop that leaves a stream of Readable.toWeb() ends the process.
    const isLoopAlone = reader === 'loop' && stages.length === 0;
    return isLoopAlone ? (ReadableStream as any).from(later()) : Readable.toWeb(Readable.from(later()));
  }

  #flowStage({ how, after, settings, highWaterMark, actor, isPiped }: FlowStage, input: any): any {
    const value = { log: this.#log, stop: { how, after } };
    const options = { ...optionsOf(actor === undefined ? settings : { ...settings, key: undefined }), highWaterMark };
    const task = (actor === undefined ? (this.#executor.tasks as any).stage : this.#actor(actor).stage).with(options);
    return isPiped && input instanceof ResultStream ? input.pipe(through(task, value)) : task.stream(input, value);
  }

  async #readFlow(title: string, input: AsyncIterable<any>, flow: Flow): Promise<void> {
    const { stop } = flow;
    let read = 0;
    let error: unknown;
    try {
      for await (const value of input) {
        if (read === stop.after && stop.how === 'leaves') break;
        const n = typeof value === 'number' ? value : value.n - 1;
        if (n !== read) this.#faults.push(`${title}: value ${n} came in the place of value ${read}`);
        read++;
      }
    } catch (thrown) {
      error = thrown;
    }
    if (error !== undefined && this.#mayFail(error, '')) return;
    const fault = this.#judgeFlow(flow, error ?? read);
    if (fault !== undefined) this.#faults.push(`${title}: ${fault}`);
  }

  /** Returns the fault of a flow that ended with a number of values, or with an error. */
  #judgeFlow(flow: Flow, ended: unknown): string | undefined {
    const { source, count, failsAfter, stages, reader, stop } = flow;
    const isOfTask = source === 'counts' || source === 'countsLater' || source === 'map';
    const fails = !isOfTask && source !== 'array' && failsAfter !== undefined && failsAfter < count;
    const last = reader === 'task' || reader === 'call' ? [{ ...stop, settings: flow.settings }] : [];
    const own: readonly Omit<FlowStage, 'highWaterMark' | 'actor' | 'isPiped'>[] = [...stages, ...last];
    let end: 'end' | 'RangeError' | 'never' = fails ? 'RangeError' : 'end';
    let n = fails ? failsAfter : count;
    for (const { how, after, settings } of own) {
      if (how === 'none' || n <= after) continue;
      const isReader = settings === flow.settings;
      if (how === 'throwsOnce' && settings.retry > 0 && (after === 0 || isReader)) continue;
      n = after;
      end = how === 'leaves' ? 'end' : how === 'never' ? 'never' : 'RangeError';
    }
    if (last.length === 0 && stop.how === 'leaves' && n > stop.after) [n, end] = [stop.after, 'end'];
    const mayExit = own.some(({ how }) => how === 'exits');
    if (typeof ended === 'number') {
      if (end === 'end' ? ended === n : mayExit && ended <= count) return undefined;
      return `ended after ${ended} values, expected ${n} values and ${end}`;
    }
    const name = nameOf(ended);
    const isLimited = own.some(({ settings: { timeout, deadline } }) => timeout === 20 || deadline === 20);
    const isAgain = own.some(({ settings: { retry } }) => retry > 0);
    const hasLane = own.some(({ settings: { key } }) => key !== undefined) || /"actor":\d/.test(JSON.stringify(flow));
    if (name === end && end === 'RangeError') return undefined;
    if (name === 'TimeoutError' && isLimited) return undefined;
    // A source that can be read once refuses a second attempt.
    if (name === 'TypeError' && isAgain && String(ended).includes('was read before')) return undefined;
    if (name === 'TypeError' && hasLane && String(ended).includes('wait forever')) return undefined;
    if (name === 'ActorDiedError' && this.#program.commands.some(({ type }) => type === 'end')) return undefined;
    if (this.#accidents.includes(name) || (name === 'WorkerDiedError' && mayExit)) return undefined;
    if (name === 'CancelledError' && this.#mayCancelAll) return undefined;
    return `ended with ${String((ended as Error)?.stack ?? ended)}, expected ${n} values and ${end}`;
  }

  async #wait(how: string, future: Future<any> | undefined): Promise<void> {
    if (how === 'microtask') await undefined;
    else if (how === 'turn') await timeSlice();
    else if (how === 'settled') await Promise.race([future?.settled(), sleep(PATIENCE)]);
    else {
      const until = performance.now() + PATIENCE;
      while (future?.state === 'pending' && performance.now() < until) await timeSlice();
    }
  }

  async #end(): Promise<void> {
    const { ending } = this.#program;
    const executor = this.#executor;
    const closing: Promise<unknown>[] = [...this.#closing];
    if (ending === 'terminate') closing.push(executor.terminate());
    else closing.push(executor.shutdown({ cancelPending: ending === 'cancelPending' }));
    if (ending === 'shutdown then terminate' || (ending !== 'terminate' && isEndless(this.#program))) {
      await timeSlice();
      closing.push(executor.terminate());
    }
    const settled = Promise.all([...closing, ...this.#closing, ...this.#nodes.map(({ future }) => future.settled())]);
    const readers = Promise.all(this.#readers);
    await Promise.race([Promise.all([settled, readers]), sleep(HANGS_AFTER, undefined, { ref: true })]);
    const pending = this.#nodes.filter(({ future }) => !future.isSettled);
    if (pending.length > 0) {
      const states = pending.map(({ title, future }) => `#${future.id} ${title} is ${future.state}`).join('; ');
      this.#faults.push(`hangs: ${states}; stats ${JSON.stringify(executor.stats())}`);
    } else if (!(await Promise.race([Promise.all([settled, readers]).then(() => true), sleep(1_000)]))) {
      this.#faults.push(
        `hangs: closing or a reader; the executor is ${executor.state}, stats ${JSON.stringify(executor.stats())}`,
      );
    }
  }

  // ── allowed outcomes ──────────────────────────────────────────────────

  /** Judges the future of a task of this kind that was called with `n`. */
  #endsAs(kind: Kind, n: number, settings: TaskSettings) {
    return (outcome: Outcome<any>) =>
      this.#judgeSteps(outcome, { status: 'fulfilled', n }, [{ type: 'task', kind, settings }]);
  }

  /** Judges the future of a broadcast of a task of this kind that was called with `n`. */
  #judgeResults(outcome: Outcome<any>, kind: Kind, n: number, settings: TaskSettings): string | undefined {
    const judge = this.#endsAs(kind, n, settings);
    if (outcome.status !== 'fulfilled') {
      // A retry can't run on a worker that has ended, also if it has run its last task.
      const { reason } = outcome as { reason?: unknown };
      if (kind === 'exitsOnce' && isError(reason, 'WorkerDiedError')) return undefined;
      if (kind === 'failsOnce' && isError(reason, 'RangeError') && this.#program.maxTasksPerWorker <= 3)
        return undefined;
      return judge(outcome);
    }
    const results = outcome.value as unknown[];
    if (results.length === 0) return 'fulfilled without a result';
    for (const value of results) {
      const fault = judge({ ...outcome, value });
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /** Checks that no task has started since the pause. A shutdown in a callback ends the pause. */
  #judgePause(): void {
    if (this.#paused.length === 0 || !this.#executor.stats().isPaused) return;
    const started = readLog(this.#log).filter(({ id }) => this.#paused.includes(id));
    for (const { id, kind } of started) this.#faults.push(`#${id} ${kind} started in a pause`);
  }

  #judgeSteps(
    outcome: Outcome<any>,
    start: { status: 'fulfilled'; n: number } | { status: 'rejected'; reason: unknown },
    steps: readonly Step[],
    mayTimeOut = false,
    isLate = false,
  ): string | undefined {
    const accidents = this.#accidents;
    let possible: Possible[] = [start.status === 'fulfilled' ? { n: start.n } : { error: nameOf(start.reason) }];
    for (const step of steps)
      possible = possible.flatMap((one) =>
        after(step, one, isLate ? [...accidents, 'ExecutorShutdownError'] : accidents),
      );
    const allowed = possible.map((one) =>
      'n' in one ? (one.isFunction ? 'SerializationError' : String(one.n)) : one.error,
    );
    if (mayTimeOut) allowed.push('TimeoutError');
    const ended =
      outcome.status === 'fulfilled'
        ? String(outcome.value?.n)
        : outcome.status === 'rejected'
          ? nameOf(outcome.reason)
          : 'cancelled';
    return allowed.includes(ended)
      ? undefined
      : `ended as ${ended}, expected ${[...new Set(allowed)].join(' or ')}${outcome.status === 'rejected' ? ` (${String((outcome.reason as Error)?.message)})` : ''}`;
  }

  #follow(
    title: string,
    future: Future<any>,
    source: Node,
    steps: readonly Step[],
    settings: TaskSettings,
    isArgument: boolean,
  ): Node {
    const kinds = lastTasks(steps);
    const isLate = this.#isClosed();
    const node = this.#add(title, future, kinds, settings, (outcome) => {
      const of = source.future.outcome!;
      // Waiting for the argument counts.
      const isTimedOut = isArgument && settings.deadline !== undefined && outcome.status === 'rejected';
      if (isTimedOut && isError(outcome.reason, 'TimeoutError')) return undefined;
      if (of.status === 'cancelled' && isLate) return undefined;
      if (of.status === 'cancelled')
        return outcome.status === 'cancelled' ? undefined : `its source was cancelled, and it was ${outcome.status}`;
      if (of.status === 'fulfilled') {
        if (Array.isArray(of.value) || typeof of.value?.n !== 'number') return undefined;
        return this.#judgeSteps(outcome, { status: 'fulfilled', n: of.value.n }, steps, false, isLate);
      }
      const { reason } = of;
      // The value of the source could not be cloned. Steps that run on the same worker still
      // receive it.
      if (isError(reason, 'SerializationError') && !isArgument) return undefined;
      const isHandled = steps.some(({ type }) => type === 'recover');
      if (isHandled) return this.#judgeSteps(outcome, { status: 'rejected', reason }, steps, false, isLate);
      if (outcome.status === 'rejected' && outcome.reason !== reason)
        return `its source was rejected with ${String(reason)}, and it with ${String(outcome.reason)}`;
      return outcome.status === 'rejected' ? undefined : `its source was rejected, and it was ${outcome.status}`;
    });
    node.source = source;
    node.isDetached = source.isDetached && steps.at(-1)?.type !== 'task';
    join_(source, node);
    return node;
  }

  #mayFail(error: unknown, kind: string): boolean {
    const name = nameOf(error);
    if (name === 'CancelledError' || name === 'ExecutorShutdownError') return this.#mayCancelAll || this.#isClosed();
    if (name === 'QueueFullError') return this.#program.maxQueue < 10;
    if (name === 'WorkerDiedError') return this.#mayLoseOthers || kind.startsWith('exits');
    if (name === 'RangeError') return kind === 'fails' || kind === 'failsOnce';
    if (name === 'SerializationError') return kind === 'givesFunction';
    return false;
  }

  #examine(): void {
    const entries = readLog(this.#log);
    const runs = new Map<string, number>();
    for (const { id, kind } of entries) runs.set(`${id} ${kind}`, (runs.get(`${id} ${kind}`) ?? 0) + 1);
    this.#examineEntries(entries);
    for (const node of this.#nodes) {
      const { future, title, settings, kinds } = node;
      const { outcome } = future;
      if (outcome === undefined) continue;
      const say = (fault: string) => void this.#faults.push(`#${future.id} ${title}: ${fault}`);
      if (node.called !== 1) say(`its done callback was called ${node.called} times`);
      for (const kind of new Set(kinds)) {
        const ran = runs.get(`${future.id} ${kind}`) ?? 0;
        const most = kinds.filter((one) => one === kind).length * (1 + settings.retry);
        if (ran > most) say(`${kind} ran ${ran} times, allowed are ${most}`);
        const of = node.source?.future.outcome;
        const isSkipped = of?.status === 'rejected' && outcome.status === 'rejected' && outcome.reason === of.reason;
        if (isSkipped && ran > 0 && !isError(of.reason, 'SerializationError'))
          say(`${kind} ran although its source was rejected`);
      }
      const name = outcome.status === 'rejected' ? nameOf(outcome.reason) : undefined;
      if (name === 'TimeoutError') {
        const { phase } = (outcome as { reason?: any }).reason;
        const mayWait = settings.deadline !== undefined || !this.#submitted.has(future.id);
        const phases = mayWait ? ['waiting', 'running'] : ['running'];
        if (!phases.includes(phase)) say(`it timed out in the phase "${phase}", expected ${phases.join(' or ')}`);
      }
      if (outcome.status === 'cancelled' && (this.#mayCancelAll || groupOf(node).cancelled)) continue;
      if (name === 'ExecutorShutdownError' && (this.#mayCancelAll || node.isLate)) continue;
      if (name === 'QueueFullError' && this.#program.maxQueue < 10) continue;
      if ((name === 'WorkerDiedError' || name === 'ActorDiedError') && this.#mayLoseOthers) continue;
      const fault = node.judge(outcome);
      if (fault !== undefined) say(fault);
    }
    if (
      this.#callbackErrors.length !== this.#thrownByCallbacks ||
      this.#callbackErrors.some((error) => error !== callbackFault)
    ) {
      this.#faults.push(
        `callbacks threw ${this.#thrownByCallbacks} times, onCallbackError was called with ${this.#callbackErrors.map(String)}`,
      );
    }
    const { pending, queued, workers, actors } = this.#executor.stats();
    const left = Object.values(workers).reduce((sum, count) => sum + count, 0);
    if (pending !== 0 || queued !== 0 || left !== 0 || actors.total !== 0)
      this.#faults.push(`the executor is closed, but its stats are ${JSON.stringify(this.#executor.stats())}`);
    if (this.#executor.state !== 'closed') this.#faults.push(`the executor is ${this.#executor.state} after terminate`);
  }

  #examineEntries(entries: readonly Entry[]): void {
    const { backend, rateLimit, hasContext } = this.#program;
    for (const { id, context } of entries) {
      const node = this.#submitted.get(id);
      const expected = String(node?.settings.context ?? (hasContext ? COMMON_CONTEXT : '-'));
      if (node !== undefined && context !== expected)
        this.#faults.push(`#${id} ${node.title}: its context is ${context}, expected ${expected}`);
    }
    if (rateLimit !== undefined) {
      const starts = this.#starts.filter(({ id }) => this.#submitted.has(id)).map(({ at }) => at);
      this.#faults.push(...judgeStarts(starts, rateLimit));
    }
    for (const [index, options] of this.#program.actors.entries())
      this.#faults.push(...judgeActor(entries, `actor-${index}`, options));
    this.#faults.push(...judgeKeys(entries, (id) => this.#submitted.get(id)?.settings.key ?? this.#readerKeys.get(id)));
    if (!this.#mayCancelAll && !this.#mayLoseOthers) {
      this.#faults.push(...judgeStages(entries));
      if (this.#openSources !== 0) this.#faults.push(`${this.#openSources} sources of this thread have not ended`);
    }
    // All workers of the inline backend are on one thread.
    if (backend === 'inline') return;
    for (const { tag, node } of this.#broadcasts) {
      const parts = entries.filter((entry) => entry.tag === tag);
      const { outcome } = node.future;
      const results = outcome?.status === 'fulfilled' ? (outcome.value as unknown[]).length : undefined;
      this.#faults.push(...judgeBroadcast(parts, results).map((fault) => `${node.title}: ${fault}`));
    }
    const isPeaceful = !this.#mayCancelAll && !this.#isDeadly && backend !== 'queue';
    this.#faults.push(...judgeFinalizers(entries, isPeaceful));
  }

  // ── helpers ──────────────────────────────────────────────────

  #isClosed(): boolean {
    return this.#executor.state !== 'open';
  }

  #pick(index: number): Node | undefined {
    return this.#nodes.length === 0 ? undefined : this.#nodes[index % this.#nodes.length];
  }

  #task(kind: Kind, settings: TaskSettings): any {
    return (this.#executor.tasks as any)[kind].with(optionsOf(settings));
  }

  #operator(step: Step): any {
    if (step.type === 'task') return chain(this.#task(step.kind, step.settings));
    if (step.type === 'recover') return recover(() => ({ n: RECOVERED, log: this.#log }));
    const { returns } = step;
    return chain(({ n }: Value) => {
      const value = { n: n + 1, log: this.#log };
      if (returns === 'promise') return Promise.resolve(value);
      if (returns === 'observable') return of(value);
      if (returns === 'future') return this.#executor.submit('plusOne', { n, log: this.#log });
      if (returns === 'throws') throw localFault;
      return value;
    });
  }

  /** Adds a future to the checked ones. */
  #add(title: string, future: Future<any>, kinds: Node['kinds'], settings: TaskSettings, judge: Node['judge']): Node {
    const node: Node = {
      title,
      future,
      kinds,
      settings,
      judge,
      isLate: this.#isClosed(),
      isDetached: false,
      called: 0,
      group: { cancelled: false },
    };
    this.#nodes.push(node);
    future.addDoneCallback((outcome) => {
      node.called++;
      if (outcome !== future.outcome && outcome.status !== future.outcome?.status)
        this.#faults.push(`#${future.id}: a callback received another outcome`);
    });
    return node;
  }

  #onDone(node: Node, action: Action): void {
    if (action === 'nothing') return;
    node.future.addDoneCallback(() => this.#act(action, node));
  }

  /** Runs an action in a callback of the executor. */
  #act(action: Action, node: Node | undefined): void {
    const executor = this.#executor;
    const input = { n: 0, log: this.#log };
    switch (action) {
      case 'nothing':
        return;
      case 'submit':
        try {
          const future = executor.submit('plusOne', input);
          this.#add('plusOne(0) of a callback', future, ['plusOne'], plain, this.#endsAs('plusOne', 0, plain));
        } catch (error) {
          if (!this.#isClosed()) throw error;
        }
        return;
      case 'chain': {
        const source = node ?? this.#pick(0);
        if (source === undefined) return;
        const step: Step = { type: 'task', kind: 'plusOne', settings: plain };
        this.#follow(
          'plusOne chained in a callback',
          source.future.pipe(this.#operator(step)),
          source,
          [step],
          plain,
          false,
        );
        return;
      }
      case 'cancel': {
        const other = this.#nodes.at(-1);
        if (other !== undefined) this.#cancel(other);
        return;
      }
      case 'throw':
        if (node === undefined || node.isDetached) return;
        this.#thrownByCallbacks++;
        throw callbackFault;
      case 'shutdown':
      case 'cancelPending':
        this.#closing.push(executor.shutdown({ cancelPending: action === 'cancelPending' }));
        return;
      case 'terminate':
        this.#closing.push(executor.terminate());
        return;
      default:
        action satisfies never;
    }
  }

  #cancel(node: Node): void {
    const { future } = node;
    const was = future.isSettled;
    groupOf(node).cancelled ||= !was;
    const isCancelled = future.cancel();
    if (!future.isSettled) this.#faults.push(`#${future.id} is ${future.state} after cancel()`);
    if (isCancelled !== (future.state === 'cancelled'))
      this.#faults.push(`#${future.id} is ${future.state}, but cancel() returned ${isCancelled}`);
  }
}

type Possible = { readonly n: number; readonly isFunction?: boolean } | { readonly error: string };

/** Returns the possible outcomes of a step for an input. */
function after(step: Step, input: Possible, accidents: readonly string[]): Possible[] {
  if ('error' in input) return step.type === 'recover' ? [{ n: RECOVERED }] : [input];
  const { n, isFunction } = input;
  if (step.type === 'recover') return isFunction ? [{ n: RECOVERED }] : [input];
  if (step.type === 'local') {
    if (isFunction) return [{ error: 'SerializationError' }];
    return step.returns === 'throws' ? [{ error: 'RangeError' }] : [{ n: n + 1 }];
  }
  // The step may have run on the same worker as its source, or not. A value that can't be cloned is
  // lost after the first run, so a second run may be impossible.
  const lost: Possible[] = isFunction
    ? [{ error: 'SerializationError' }, ...endsOf(step.kind, n, { ...step.settings, retry: 0 })]
    : [];
  return [...lost, ...endsOf(step.kind, n, step.settings), ...accidents.map((error) => ({ error }))];
}

function endsOf(kind: Kind, n: number, { retry, timeout, deadline }: TaskSettings): Possible[] {
  switch (kind) {
    case 'plusOne':
    case 'plusOneLater':
    case 'plusOneSlowly':
      return [{ n: n + 1 }];
    case 'givesFunction':
      return [{ n: n + 1, isFunction: true }];
    case 'fails':
      return [{ error: 'RangeError' }];
    case 'failsOnce':
      return retry > 0 ? [{ n: n + 1 }] : [{ error: 'RangeError' }];
    case 'exits':
      return [{ error: 'WorkerDiedError' }];
    case 'exitsOnce':
      return retry > 0 ? [{ n: n + 1 }] : [{ error: 'WorkerDiedError' }];
    case 'never':
    case 'untilAborted':
      return timeout === undefined && deadline === undefined
        ? [{ error: 'CancelledError' }]
        : [{ error: 'TimeoutError' }];
    default:
      return kind satisfies never;
  }
}

/**
 * Returns the task steps after the last function. They run with the id of the future of the pipe.
 */
function lastTasks(steps: readonly Step[]): Kind[] {
  const kinds: Kind[] = [];
  for (const step of steps) {
    if (step.type === 'task') kinds.push(step.kind);
    else kinds.length = 0;
  }
  return kinds;
}

function judgeCombined(how: string, outcome: Outcome<any>, futures: readonly Future<any>[]): string | undefined {
  const outcomes = futures.map((future) => future.outcome!);
  const reasons = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  switch (how) {
    case 'all':
      if (outcome.status === 'rejected')
        return reasons.includes(outcome.reason) ? undefined : `no member was rejected with ${String(outcome.reason)}`;
      if (outcome.status === 'fulfilled')
        return outcomes.every(({ status }) => status === 'fulfilled')
          ? undefined
          : 'fulfilled, but not all members are';
      return outcomes.some(({ status }) => status === 'cancelled') ? undefined : 'cancelled, but no member is';
    case 'allSettled':
      return outcome.status === 'fulfilled' && outcome.value.length === futures.length
        ? undefined
        : `ended as ${outcome.status}`;
    case 'any':
      if (outcome.status === 'fulfilled')
        return outcomes.some(({ status }) => status === 'fulfilled') ? undefined : 'fulfilled, but no member is';
      return undefined;
    default:
      return undefined;
  }
}

const plain: TaskSettings = {
  retry: 0,
  hasWhen: false,
  priority: 0,
  timeout: undefined,
  deadline: undefined,
  terminateAfter: undefined,
  context: undefined,
  key: undefined,
};

function optionsOf({ retry, hasWhen, ...others }: TaskSettings) {
  return { retry: hasWhen ? { count: retry, when: () => true } : retry, ...others };
}

function titleOf(step: Step): string {
  return step.type === 'task' ? step.kind : step.type === 'local' ? step.returns : 'recover';
}

function titleOfStage({ how, after, actor }: FlowStage): string {
  return `${actor === undefined ? 'stage' : `actor-${actor}.stage`}(${how} ${after})`;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}

function isError(error: unknown, name: string): boolean {
  return nameOf(error) === name;
}

function groupOf(node: Node): Node['group'] {
  let { group } = node;
  while (group.parent !== undefined) group = group.parent;
  return group;
}

function join_(a: Node, b: Node): void {
  const [one, other] = [groupOf(a), groupOf(b)];
  if (one === other) return;
  one.cancelled ||= other.cancelled;
  other.parent = one;
}

export type { Tasks };
export { tasksUrl };
