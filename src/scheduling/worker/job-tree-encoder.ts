/**
 * Encodes job trees into the numbers of a batch. Each worker has its own encoder, which remembers
 * the functions that were sent to it.
 */
import { CellWriter } from '../../protocol/cell-writer.js';
import { NO_UPSTREAM, writeJob } from '../../protocol/job-layout.js';
import { LazyValue } from '../../protocol/lazy-value.js';
import type { FunctionDefinition, JobBatch, RunOptions } from '../../protocol/messages.js';
import type { Job, JobStreams, Step } from '../job/job.js';
import { GONE } from '../job/job-state.js';
import type { SharedArgument } from '../job/shared-data.js';
import type { InFlight } from './in-flight.js';
import type { Links } from './links.js';

export class JobTreeEncoder {
  /** Keys of the functions that were sent to the worker. */
  readonly #sent = new Set<number>();
  /** Key of the last encoded function. Most jobs of a burst call the same function. */
  #last = -1;
  readonly #cells = new CellWriter();
  #args: unknown[] = [];
  #functions: FunctionDefinition[] | undefined;
  #options: RunOptions[] | undefined;
  #contexts: unknown[] | undefined;
  #inputs: number[] | undefined;
  #outputs: number[] | undefined;
  #index = 0;
  /** Number of encoded jobs of the batch. */
  #count = 0;

  constructor(
    readonly withOptions = false,
    readonly links?: Links,
  ) {}

  /** Encodes job trees and assigns a slot to each job. */
  encode(jobs: readonly Job[], slots: InFlight): JobBatch {
    this.#functions = undefined;
    this.#count = 0;
    if (this.withOptions) this.#options = [];
    for (const job of jobs) {
      this.#index = 0;
      this.#encodeJob(job, job.place === undefined ? NO_UPSTREAM : job.place.lane.tag, slots);
    }
    const cells = this.#cells.take();
    const args = this.#args;
    const functions = this.#functions as FunctionDefinition[] | undefined;
    // The encoder must not keep arguments alive, because they may be large.
    this.#args = [];
    const contexts = this.#contexts as unknown[] | undefined;
    this.#contexts = undefined;
    const options = this.#options;
    const inputs = this.#inputs as number[] | undefined;
    const outputs = this.#outputs as number[] | undefined;
    if (options === undefined && contexts === undefined && inputs === undefined && outputs === undefined)
      return functions === undefined ? { cells, args } : { cells, args, functions };
    this.#inputs = undefined;
    this.#outputs = undefined;
    return {
      cells,
      args,
      functions: functions ?? [],
      ...(options !== undefined && { options }),
      ...(contexts !== undefined && { contexts }),
      ...(inputs !== undefined && { inputs }),
      ...(outputs !== undefined && { outputs }),
    };
  }

  /**
   * Called if a batch could not be posted. Its functions must be sent again with the next batch.
   */
  forget({ functions = [] }: JobBatch): void {
    for (const { key } of functions) this.#sent.delete(key);
    this.#last = -1;
  }

  #encodeJob(job: Job, upstream: number, slots: InFlight): void {
    const { args, steps, dependents, context, shared, streams } = job;
    const index = this.#index++;
    const argc = args === undefined ? 0 : args.length;
    const isOfLane = upstream < NO_UPSTREAM;
    const count = isOfLane ? argc + 1 : argc;
    const standIns = standInsOf(args, shared);
    const cell = standIns === undefined ? count : -(count + standIns.length + 1);
    writeJob(this.#cells, job, slots.occupy(job), upstream, cell);
    if (isOfLane) this.#args.push(job.place!.lane.key);
    for (let i = 0; i < steps.length; i++) this.#defineFunction(steps[i]!);
    if (standIns === undefined) for (let i = 0; i < argc; i++) this.#args.push(args![i]);
    else this.#args.push(...withoutWrapper(args!), ...standIns, standIns.length);
    if (streams !== undefined) this.#addStreams(job.slot, streams);
    this.#options?.push(job.options);
    if (context !== undefined) this.#contexts ??= new Array(this.#count).fill(undefined);
    this.#contexts?.push(context);
    this.#count++;
    if (dependents === undefined) return;
    for (const dependent of dependents) if (dependent.state !== GONE) this.#encodeJob(dependent, index, slots);
  }

  #addStreams(slot: number, { inputs, output }: JobStreams): void {
    for (const { position, mark } of inputs ?? []) {
      this.#inputs ??= [];
      this.#inputs.push(slot, position, mark.values, mark.bytes);
    }
    if (output === undefined) return;
    this.#outputs ??= [];
    this.#outputs.push(slot, this.links!.to(output), output.input);
  }

  #defineFunction({ key, kind, name, text }: Step): void {
    if (key === this.#last) return;
    this.#last = key;
    if (this.#sent.has(key)) return;
    this.#sent.add(key);
    this.#functions ??= [];
    this.#functions.push(kind === 'export' ? { key, kind, name } : { key, kind, name, text });
  }
}

/**
 * Returns the positions of the arguments that another value stands for: the id of a shared value,
 * or bytes. Undefined if there are none.
 */
function standInsOf(
  args: readonly unknown[] | undefined,
  shared: readonly SharedArgument[] | undefined,
): number[] | undefined {
  let positions = shared?.map(({ position }) => position);
  if (args === undefined) return positions;
  for (let i = 0; i < args.length; i++) {
    // The fastest check comes first: most arguments are not objects.
    if (typeof args[i] !== 'object' || !(args[i] instanceof LazyValue)) continue;
    positions ??= [];
    positions.push(i);
  }
  return positions;
}

function withoutWrapper(args: readonly unknown[]): unknown[] {
  return args.map((arg) => (arg instanceof LazyValue ? arg.data : arg));
}
