/** Jobs, with those that travel along, as the cells of plans (protocol/messages.ts tells their layout). One encoder per worker. */
import { type FunctionDefinition, type JobBatch, pack, type RunOptions } from '../protocol/messages.js';
import type { InFlight } from './in-flight.js';
import { GONE, type Job, type Step } from './job.js';

/** Legs that one plan may have. A longer chain goes on in a second plan, with its feeder's value as the argument. */
export const MAX_TREE_SIZE = 256;

export class JobTreeEncoder {
  /** Keys of functions that the worker has been told. */
  readonly #told = new Set<number>();
  /** The last of them: a burst is of one function mostly. */
  #last = -1;
  #cells: number[] = [];
  #args: unknown[] = [];
  #functions: FunctionDefinition[] | undefined;
  #options: RunOptions[] | undefined;
  #dependents = 0;

  constructor(readonly withOptions = false) {}

  /** Gives every leg its slot. */
  encode(jobs: readonly Job[], slots: InFlight): JobBatch {
    this.#cells = [];
    this.#functions = undefined;
    if (this.withOptions) this.#options = [];
    for (const job of jobs) {
      this.#dependents = 0;
      this.#dependent(job, -1, slots);
    }
    const cells = pack(this.#cells);
    const args = this.#args;
    const functions = this.#functions as FunctionDefinition[] | undefined;
    // Arguments may be large: nothing of them stays here.
    this.#args = [];
    if (this.#options !== undefined) return { cells, args, functions: functions ?? [], options: this.#options };
    return functions === undefined ? { cells, args } : { cells, args, functions };
  }

  /** The plans were never posted, so the worker has not been told their functions. */
  forget({ functions = [] }: JobBatch): void {
    for (const { key } of functions) this.#told.delete(key);
    this.#last = -1;
  }

  #dependent(job: Job, from: number, slots: InFlight): void {
    const { args, steps, dependents } = job;
    const index = this.#dependents++;
    const argc = args === undefined ? 0 : args.length;
    this.#cells.push(slots.occupy(job), from, job.id, job.attempt, argc, steps.length);
    for (let i = 0; i < steps.length; i++) {
      this.#tell(steps[i]!);
      this.#cells.push(steps[i]!.key);
    }
    for (let i = 0; i < argc; i++) this.#args.push(args![i]);
    this.#options?.push(job.options);
    if (dependents === undefined) return;
    for (const dependent of dependents) if (dependent.phase !== GONE) this.#dependent(dependent, index, slots);
  }

  #tell({ key, kind, name, text }: Step): void {
    if (key === this.#last) return;
    this.#last = key;
    if (kind === 'stream' || kind === 'attach' || this.#told.has(key)) return;
    this.#told.add(key);
    this.#functions ??= [];
    this.#functions.push(kind === 'export' ? { key, kind, name } : { key, kind, name, text });
  }
}
