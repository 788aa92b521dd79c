/** A job, with the jobs that travel along, as the cells of a plan (protocol/messages.ts tells their layout). */
import type { FunctionDefinition } from '../protocol/messages.js';
import { GONE, type Job, type Step } from './job.js';

/** Legs that one plan may have. A longer chain goes on in a second plan, with its feeder's value as the argument. */
export const LARGEST_PLAN = 256;

export type NewFunctions = FunctionDefinition[];

/** Appends to `cells`; functions that are not in `known` are added to it and to `fresh`. */
export function encodePlan(
  root: Job,
  cells: unknown[],
  occupy: (job: Job) => number,
  known: Set<number>,
  fresh: NewFunctions,
): void {
  let index = 0;
  const leg = (job: Job, from: number): void => {
    const own = index++;
    const args = job.args ?? [];
    cells.push(occupy(job), from, job.id, job.attempt, stepKeys(job.steps, known, fresh), args.length);
    for (const arg of args) cells.push(arg);
    if (job.legs === undefined) return;
    for (const next of job.legs) if (next.phase !== GONE) leg(next, own);
  };
  leg(root, -1);
}

/** Legs in the plan of a job. */
export function planSize(job: Job): number {
  let size = 1;
  for (const leg of job.legs ?? []) if (leg.phase !== GONE) size += planSize(leg);
  return size;
}

function stepKeys(steps: readonly Step[], known: Set<number>, fresh: NewFunctions): number | number[] {
  for (const step of steps) {
    if (known.has(step.key)) continue;
    known.add(step.key);
    const { key, kind, name, text } = step;
    fresh.push(kind === 'export' ? { key, kind, name } : { key, kind, name, text });
  }
  return steps.length === 1 ? steps[0]!.key : steps.map((step) => step.key);
}
