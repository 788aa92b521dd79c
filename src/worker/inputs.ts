/** The stream arguments of the tasks of a worker, from their arrival to the end of their tasks. */
import type { HighWaterMark } from '../protocol/messages.js';
import type { FromSource, ToInput } from '../protocol/stream/messages.js';
import { closeUnused } from '../protocol/transfer.js';
import { decodeError } from '../protocol/wire-error.js';
import type { Post } from './host.js';
import { Input, type InputHost } from './input.js';
import type { TaskContext } from './task-context.js';
import type { WaitingTasks } from './waiting-tasks.js';

/** Number of cells of an argument in `JobBatch.inputs`. */
const CELLS = 4;

/** A stream argument of a task that has not started. */
export interface InputDefinition {
  readonly position: number;
  readonly mark: HighWaterMark;
}

/** Returns credit through the link from which the values came. */
export type LinkCredit = (output: number, count: number) => void;

interface OpenInput {
  readonly input: Input;
  /** Set by the first values that come through a link. */
  credit: ((count: number) => void) | undefined;
}

export class Inputs {
  readonly #post: Post;
  readonly #waiting: WaitingTasks;
  /** Arguments of tasks that have not started, by slot. */
  readonly #definitions = new Map<number, InputDefinition[]>();
  /** Inputs of running tasks, by their numbers. */
  readonly #open = new Map<number, OpenInput>();
  /** Numbers of the inputs of each running task, by slot. */
  readonly #ofTask = new Map<number, number[]>();
  #last = 0;

  constructor(post: Post, waiting: WaitingTasks) {
    this.#post = post;
    this.#waiting = waiting;
  }

  /** True if a task has a stream argument, whether or not it has started. */
  get isActive(): boolean {
    return this.#ofTask.size > 0 || this.#definitions.size > 0;
  }

  arrived(cells: readonly number[]): void {
    for (let i = 0; i < cells.length; i += CELLS) {
      const [slot, position, values, bytes] = cells.slice(i, i + CELLS) as [number, number, number, number];
      const definition = { position, mark: { values, bytes } };
      const others = this.#definitions.get(slot);
      if (others === undefined) this.#definitions.set(slot, [definition]);
      else others.push(definition);
    }
  }

  /** Takes the stream arguments of a job that starts. */
  take(slot: number): readonly InputDefinition[] | undefined {
    const definitions = this.#definitions.get(slot);
    this.#definitions.delete(slot);
    return definitions;
  }

  /** Inserts the inputs of a task into its arguments. They end when the task is cancelled. */
  insert(task: TaskContext, definitions: readonly InputDefinition[], args: unknown[]): void {
    const { slot, signal } = task;
    const inputs = definitions.map(({ position, mark }) => {
      const id = ++this.#last;
      const open: OpenInput = {
        input: new Input(mark, this.#hostOf(slot, position, id)),
        credit: undefined,
      };
      this.#open.set(id, open);
      args[position] = open.input;
      return id;
    });
    this.#ofTask.set(slot, inputs);
    signal.addEventListener('abort', () => {
      for (const id of inputs) this.#open.get(id)?.input.abort(signal.reason);
    });
  }

  /** The task in a slot has ended, or never starts. The main thread ends the sources. */
  ended(slot: number): void {
    this.#definitions.delete(slot);
    const ids = this.#ofTask.get(slot);
    if (ids === undefined) return;
    this.#ofTask.delete(slot);
    for (const id of ids) {
      const open = this.#open.get(id);
      this.#open.delete(id);
      open?.input.close();
    }
  }

  receive(message: Exclude<ToInput, { type: 'link' }>): void {
    const { input } = this.#open.get(message.input) ?? {};
    if (message.type === 'input-values') {
      if (input === undefined) closeUnused(message.values);
      else input.arrived(message.values as unknown[], message.bytes);
    } else input?.ended(message.failure && { error: decodeError(message.failure) });
  }

  /** Handles a message of a link, which returns credit through `credit`. */
  flowed(message: FromSource, credit: LinkCredit): void {
    const open = this.#open.get(message.input);
    if (message.type === 'end') open?.input.ended();
    else if (open === undefined) closeUnused(message.values);
    else {
      const { output, values, bytes } = message;
      open.credit ??= (count) => credit(output, count);
      open.input.arrived(values as unknown[], bytes);
    }
  }

  #hostOf(slot: number, position: number, input: number): InputHost {
    const waiting = this.#waiting;
    return {
      open: () => {
        this.#post({ type: 'input-opened', slot, position, input });
        // The message says that the task waits.
        waiting.seen(slot);
      },
      credit: (count) => {
        const viaLink = this.#open.get(input)?.credit;
        if (viaLink === undefined) this.#post({ type: 'input-read', slot, input, count });
        else viaLink(count);
      },
      left: () => this.#post({ type: 'input-left', slot, input }),
      waits: (isWaiting) => {
        if (isWaiting) waiting.waitStarted(slot, false);
        else waiting.waitEnded(slot, false);
      },
    };
  }
}
