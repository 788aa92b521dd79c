/**
 * What V8 would forget. It gives up the layout of a kind of object, and the machine code that was compiled for it, when a collection finds no
 * object of the kind: after each quiet moment of a program the next burst would start from nothing, at some 1.4 times its cost. So one of
 * each kind that exists per task is kept for good, and has held what the others will: a small integer and an object as its value.
 */

import { detachedOwner } from '../../future/detached.js';
import { Future } from '../../future/future.js';
import { fulfil } from '../../future/settle.js';
import type { Engine } from '../engine.js';
import { TaskRun } from './task-run.js';

const engine = { ...detachedOwner, now: 0, settled() {}, unfollow() {} } as unknown as Engine;

function sample(value: unknown): object[] {
  const run = new TaskRun({ engine, steps: [], name: 'sample', options: {} });
  const future = new Future<unknown>(run, 0);
  run.future = future;
  run.args = [1];
  const subscription = future.subscribe(() => {});
  fulfil(future, value);
  return [future, subscription];
}

const kept: object[] = [];

/** Once is enough for all executors. */
export function keepHiddenClasses(): void {
  if (kept.length === 0) kept.push(sample(1), sample({}));
}
