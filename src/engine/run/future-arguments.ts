/**
 * Arguments that are Futures. The task waits for them on the main thread and does not occupy a
 * worker meanwhile.
 */

import { SerializationError } from '../../errors.js';
import type { Future } from '../../future/future.js';
import { isFuture } from '../../future/is-future.js';
import type { Reaction } from '../../future/reaction.js';
import { advance, whenSettled } from '../../future/settle.js';
import { CANCELLED, FULFILLED, REJECTED } from '../../future/state.js';
import { abandon } from '../../future/upstream.js';
import { isMisuse } from '../../protocol/misuse.js';
import type { Engine } from '../engine.js';
import { type Captured, capture } from './capture.js';
import type { TaskRun } from './task-run.js';

/**
 * Submits `run` when all futures among `args` are fulfilled. If one of them is rejected or
 * cancelled, the run's future settles in the same way without running the task. Arguments that are
 * values are captured now.
 */
export function whenArguments(run: TaskRun, args: readonly unknown[]): void {
  let submit: (run: TaskRun) => void;
  try {
    submit = captureForRuns(args, run.owner);
  } catch (error) {
    run.fail(error);
    return;
  }
  submit(run);
}

/**
 * Captures the values among `args` now. Returns a function that submits a run when the futures are
 * fulfilled. It can be called for several runs.
 *
 * @throws TypeError for a shared value or a stream that can't be passed
 */
function captureForRuns(args: readonly unknown[], engine: Engine, isHeld = false): (run: TaskRun) => void {
  let captured: Captured;
  try {
    const copies = capture(
      args.map((arg) => (isFuture(arg) ? undefined : arg)),
      engine,
    );
    captured = { ...copies, isHeld };
  } catch (error) {
    return failing(error);
  }
  return allowOneRun(captured, (run) => submitWhenFulfilled(run, args, { ...captured, args: [...captured.args] }));
}

/**
 * Allows only one run if an argument is moved, because the moved value is gone after the first run.
 */
function allowOneRun(captured: Captured, submit: (run: TaskRun) => void): (run: TaskRun) => void {
  if (captured.transfer === undefined) return submit;
  let isMoved = false;
  return (run) => {
    if (isMoved) run.fail(movedBefore(run.name));
    else submit(run);
    isMoved = true;
  };
}

/**
 * Waits for the futures among `args`, then submits the run. The captured arguments have holes at
 * the positions of the futures.
 */
function submitWhenFulfilled(
  run: TaskRun,
  args: readonly unknown[],
  { args: captured, transfer, shared, isHeld, streams: capturedStreams }: Captured,
): void {
  // A task uses its shared values from its submit on.
  if (shared !== undefined && !run.use(shared, isHeld)) return;
  const values = captured as unknown[];
  const { future } = run;
  // If the future settles before the arguments are complete, its release closes these parts.
  if (transfer !== undefined) run.rare.transfer = transfer;
  let missing = 0;
  let streams = capturedStreams;
  const waits: { readonly source: Future<any>; readonly reaction: Reaction }[] = [];
  const wait = (source: Future<any>, position: number): void => {
    missing++;
    const reaction: Reaction = {
      react(_source, settled) {
        source._observe();
        if (future.isSettled) return;
        if (source._state === FULFILLED) {
          try {
            const { args: value, shared, streams: later } = capture([source._value()], run.owner);
            values[position] = value[0];
            // The value of a future may be a Shared, although the types do not allow it.
            if (shared !== undefined && !run.use(shared.map((use) => ({ ...use, position })))) return;
            if (later !== undefined)
              streams = [...(streams ?? []), ...later.map((stream) => ({ ...stream, position }))];
          } catch (error) {
            if (advance(future, REJECTED, error)) settled.push(future);
            return;
          }
          // A getter of the value may have cancelled the future.
          if (--missing === 0 && !future.isSettled)
            run.submitCaptured({ args: values, transfer, shared: undefined, streams });
        } else if (source._state === REJECTED) {
          if (advance(future, REJECTED, source._result)) settled.push(future);
        } else if (advance(future, CANCELLED, source._result)) {
          settled.push(future);
        }
      },
    };
    waits.push({ source, reaction });
  };
  args.forEach((arg, position) => {
    if (isFuture(arg)) wait(arg, position);
  });
  run.waitsFor({
    stop(reason) {
      for (const { source, reaction } of waits) abandon(source, reaction, reason);
    },
    get pending() {
      return waits.map(({ source }) => source).filter(({ isSettled }) => !isSettled);
    },
  });
  for (const { source, reaction } of waits) whenSettled(source, reaction);
}

export function hasFuture(args: readonly unknown[]): boolean {
  for (let i = 0; i < args.length; i++) if (isFuture(args[i])) return true;
  return false;
}

/**
 * Captures the arguments now. Returns a function that submits a run with them. It can be called
 * several times, because a stream may have several readers. `isHeld` is true if the caller holds
 * the shared values until the last run.
 *
 * @throws TypeError for a shared value or a stream that can't be passed
 */
export function captureForLater(args: readonly unknown[], engine: Engine, isHeld = false): (run: TaskRun) => void {
  if (hasFuture(args)) return captureForRuns(args, engine, isHeld);
  let captured: Captured;
  try {
    captured = { ...capture(args, engine), isHeld };
  } catch (error) {
    return failing(error);
  }
  return allowOneRun(captured, (run) => run.submitCaptured(captured));
}

/** Returns a function that rejects runs with an error of their arguments, without a retry. */
function failing(error: unknown): (run: TaskRun) => void {
  if (isMisuse(error)) throw error;
  return (run) => run.fail(error);
}

function movedBefore(name: string): SerializationError {
  const message = `Stream "${name}" can't run again, because an argument was moved by transfer() to its first run. Call stream() for each run, or pass the argument without transfer().`;
  return new SerializationError(message, { path: 'arguments' });
}
