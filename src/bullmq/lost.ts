/**
 * What becomes of the tasks of a job whose machine was lost. The machine that takes the job over and a client that finds no machine judge by the
 * same notes, so they come to the same verdict, in any order.
 */
import { WorkerDiedError } from '../errors.js';
import { FULFILLED, UNCLONABLE } from '../protocol/messages.js';
import type { JobData, LegData } from './plan.js';
import type { End } from './words.js';

/** What was noted of a job that was lost. */
export interface Loss {
  /** How many machines it was lost with. */
  readonly times: number;
  /** How many of its plans may have begun: each is noted before it begins. */
  readonly begun: number;
  /** Retries that its futures have used up, by their ids. */
  readonly retried: ReadonlyMap<number, number>;
  /** Steps that have ended, of futures that have several, by their ids. */
  readonly steps: ReadonlyMap<number, EndedSteps>;
  /** The machine that had it last. */
  readonly machine: string | undefined;
}

export interface EndedSteps {
  readonly count: number;
  /** Of the last of them, as text. */
  readonly value: string;
}

export interface Verdict {
  /** They had begun, or wait for one that had, and are not run again. */
  readonly lost: readonly LegData[];
  /** They had begun, and each takes one of its retries for another run. */
  readonly retried: readonly LegData[];
}

/** What a machine says of itself to all of its queue. */
export interface Rules {
  /** ms */
  readonly lostAfter: number;
  readonly rerunLost: number;
}

/** `ends` has those that have ended. */
export function judge({ plans }: JobData, loss: Loss, rerunLost: number, ends: ReadonlyMap<number, End>): Verdict {
  const lost: LegData[] = [];
  const retried: LegData[] = [];
  // A job of one plan is not noted: it has begun when a machine has taken it.
  const begun = plans.length === 1 ? 1 : loss.begun;
  for (const { legs } of plans.slice(0, begun)) {
    const lostHere = new Set<number>();
    const again = new Set<number>();
    for (const [index, leg] of legs.entries()) {
      if (ends.has(leg.id)) continue;
      if (again.has(leg.from)) {
        again.add(index);
        continue;
      }
      const feeder = leg.from === -1 ? undefined : legs[leg.from]!;
      // A value that could not leave the machine is gone with it.
      const hasInput = feeder === undefined || ends.get(feeder.id)?.kind === FULFILLED;
      if (!lostHere.has(leg.from) && leg.credit === undefined) {
        const isRerun = loss.times <= rerunLost;
        const isRetried = !isRerun && hasInput && (loss.retried.get(leg.id) ?? 0) < (leg.retry?.count ?? 0);
        if (isRetried) retried.push(leg);
        if (isRerun || isRetried) {
          again.add(index);
          continue;
        }
      }
      lostHere.add(index);
      lost.push(leg);
    }
  }
  return { lost, retried };
}

/** Whether an end is that of a future whose value only its own thread had, and some leg behind it needs that value again. */
export function isNeededAgain(legs: readonly LegData[], index: number, ends: ReadonlyMap<number, End>): boolean {
  if (ends.get(legs[index]!.id)?.kind !== UNCLONABLE) return false;
  return legs.some(({ id, from }, next) => from === index && (!ends.has(id) || isNeededAgain(legs, next, ends)));
}

export function lostError({ machine }: Loss, lostAfter: number, what: string): WorkerDiedError {
  // None where it was lost in the moment in which it took the job.
  const who = machine === undefined ? 'The machine that had this task' : `The machine ${machine}, which had this task,`;
  return new WorkerDiedError(`${who} gave no sign of life for more than ${lostAfter} ms. ${what}.`, {
    workerName: machine ?? 'unknown',
  });
}

export function whyLost({ credit }: LegData): string {
  return credit === undefined
    ? 'It may have done anything, so it is not run again; retry of the task or rerunLost of serveTasks() says otherwise'
    : "What a stream has given can't be taken back, so it is not run again";
}
