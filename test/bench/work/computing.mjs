// @ts-check
/** A computation in units, which tells of each one or does not. Only ours: it loads the library into the worker. */
import { currentTask } from 'rx-futures/worker';

/** us that a unit takes. */
const UNIT = 10;

/** Steps of {@link unit} that this thread does in {@link UNIT}, just now. */
export function stepsOfUnit() {
  let steps = 1_000;
  // Towards the figure, and past the compiler's warm-up.
  for (let i = 0; i < 20; i++) {
    const began = performance.now();
    for (let j = 0; j < 1_000; j++) unit(j, steps);
    steps = Math.max(1, Math.round((steps * UNIT) / (performance.now() - began)));
  }
  return steps;
}

/** @param {{ units: number, steps: number, tells: boolean }} order */
export function compute({ units, steps, tells }) {
  let state = 42;
  for (let i = 0; i < units; i++) {
    state = unit(state, steps);
    if (tells) currentTask().progress(i);
  }
  return state;
}

/**
 * @param {number} state
 * @param {number} steps
 */
function unit(state, steps) {
  let next = state;
  for (let i = 0; i < steps; i++) next = (Math.imul(next, 1664525) + 1013904223) | 0;
  return next;
}
