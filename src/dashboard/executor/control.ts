/** The actions of a dashboard on an executor: it cancels tasks, pauses, and ends workers. */
import type { Engine } from '../../engine/engine.js';
import type { Worker } from '../../scheduling/worker/worker.js';
import type { Action, ActionName, ActionResult } from '../frames.js';

/** The reason of a cancel, which is the `cause` of the CancelledError. */
const REASON = 'cancelled on the dashboard';

/** Returns why some actions are not possible. */
export function refusalsOf({ traits, life }: Engine): Partial<Record<ActionName, string>> {
  const refusals: Partial<Record<ActionName, string>> = {};
  if (!traits.ownsWorkers) {
    refusals.pause = refusals.resume = 'The servers of the queue decide when a task starts.';
    refusals['end-worker'] = refusals['terminate-worker'] = 'The workers belong to the servers of the queue.';
  } else if (life.state !== 'open') {
    refusals.pause = refusals.resume = `The executor is ${life.state}.`;
  }
  return refusals;
}

export function act(engine: Engine, action: Action): ActionResult {
  const refusal = refusalsOf(engine)[action.action];
  if (refusal !== undefined) return { ok: false, message: refusal };
  switch (action.action) {
    case 'cancel':
      return cancel(engine, action.id);
    case 'pause':
      engine.life.pause();
      return { ok: true, message: `Executor "${engine.name}" is paused.` };
    case 'resume':
      engine.life.resume();
      return { ok: true, message: `Executor "${engine.name}" continues.` };
    case 'end-worker':
    case 'terminate-worker':
      return endWorker(engine, action.worker, action.action === 'terminate-worker');
    default:
      return action satisfies never;
  }
}

function cancel(engine: Engine, id: number): ActionResult {
  const future = engine.unsettled().find((each) => each.id === id);
  if (future === undefined) return { ok: false, message: `Task #${id} has settled already.` };
  const { name } = future;
  const ok = future.cancel(REASON);
  return { ok, message: ok ? `Task "${name}" #${id} is cancelled.` : `Task "${name}" #${id} has settled already.` };
}

function endWorker(engine: Engine, name: string, isAtOnce: boolean): ActionResult {
  const worker = [...engine.workforce.all].find((each) => each.name === name);
  if (worker === undefined) return { ok: false, message: `Worker "${name}" has ended already.` };
  if (isAtOnce) {
    worker.kill();
    return { ok: true, message: `Worker "${name}" is terminated.` };
  }
  if (engine.dispatcher.replace(worker)) return { ok: true, message: `Worker "${name}" ends after its running tasks.` };
  return { ok: false, message: `Worker "${name}" can't end in an orderly way: ${reasonOf(worker)}.` };
}

function reasonOf({ actors, state }: Worker): string {
  return actors.size > 0 ? 'an actor lives on it' : `it is ${state}`;
}
