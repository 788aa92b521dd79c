// @ts-check
/**
 * A computation in units that reports each unit as progress, or does not. Only our contender runs
 * it.
 */
import { currentTask } from 'rx-futures/worker';

/** Duration of a unit in us. */
const UNIT = 10;

/** Measures the number of steps of {@link unit} that this thread computes in {@link UNIT}. */
export function stepsOfUnit() {
  let steps = 1_000;
  // Repeat the measurement, because the first rounds run before the code is compiled.
  for (let i = 0; i < 20; i++) {
    const started = performance.now();
    for (let j = 0; j < 1_000; j++) unit(j, steps);
    steps = Math.max(1, Math.round((steps * UNIT) / (performance.now() - started)));
  }
  return steps;
}

/** @param {{ units: number, steps: number, reports: boolean }} order */
export function compute({ units, steps, reports }) {
  let state = 42;
  for (let i = 0; i < units; i++) {
    state = unit(state, steps);
    if (reports) currentTask().progress(i);
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
