/**
 * Keeps V8's hidden classes of the objects that exist once per task.
 *
 * If a garbage collection finds no object of a kind, V8 drops the hidden class of that kind and its
 * compiled machine code. After each quiet moment of a program, the next burst would then start
 * without compiled code and cost about 1.4 times as much. Therefore one object of each kind is kept
 * forever, also of those that a run with a moved argument and an awaited future have. These objects
 * have held a small integer and an object as values, as the others will.
 */

import { detachedOwner } from '../../future/detached.js';
import { Future } from '../../future/future.js';
import { PromiseReaction } from '../../future/promise.js';
import { fulfil } from '../../future/settle.js';
import { marked } from '../../protocol/transfer.js';
import type { Engine } from '../engine.js';
import { TaskRun } from './task-run.js';

const engine = { ...detachedOwner, recorder: { now: 0, settled() {} }, unfollow() {} } as unknown as Engine;

function sample(value: unknown): object[] {
  const run = new TaskRun({ engine, steps: [], name: 'sample', options: {} });
  const future = new Future<unknown>(run, 0);
  run.future = future;
  run.args = [1];
  const { rare } = run;
  const moved = marked(new Uint8Array(1), []);
  rare.transfer = moved.list;
  const subscription = future.subscribe(() => {});
  fulfil(future, value);
  const reaction = new PromiseReaction(
    () => {},
    () => {},
  );
  return [future, subscription, rare, moved, reaction];
}

const kept: object[] = [];

/** Creates the objects that are kept forever, unless another executor has created them. */
export function keepHiddenClasses(): void {
  if (kept.length === 0) kept.push(sample(1), sample({}));
}
