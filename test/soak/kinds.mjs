/**
 * Kinds of work that the soak submits at random. A kind takes the tasks of the executor, a random
 * number generator, the counters and the index of its first counter. It calls
 * `track(future, indices)` for each future. The indices are the counters of the tasks of the
 * future, in the order in which they run.
 */
import { chain } from 'rx-futures';

/** One task with one future. An `endless` task has to be cancelled. */
const single = (name, argument) => ({
  size: () => 1,
  submit: ({ tasks, starts, index, random, track }) =>
    track(tasks[name](starts, index, argument?.(random)), [index], { endless: name === 'spin' || name === 'deaf' }),
});

const pair = (random) => ({ id: random.below(1e6), tags: ['a', 'b', String(random.next())], at: { x: 1, y: [2, 3] } });

/** A chain built in the tick of its submit, which is dispatched as one job tree to one worker. */
const fused = {
  size: (random) => 2 + random.below(4),
  submit({ tasks, starts, index, size, random, track }) {
    const head = tasks.step({ starts, index });
    const last = head.pipe(...steps(tasks, size - 1, random));
    track(last, range(index, size));
    if (random.chance(0.3)) track(head, [index], { last });
  },
};

/**
 * A chain built after its first step was dispatched, so that its steps are dispatched one by one.
 */
const unfused = {
  size: (random) => 2 + random.below(2),
  submit({ tasks, starts, index, size, random, track }) {
    const head = tasks.stepLater({ starts, index });
    setImmediate(() => track(head.pipe(...steps(tasks, size - 1, random)), range(index, size)));
  },
};

/** @type {readonly (readonly [number, any])[]} */
export const kinds = [
  [40, single('instant')],
  [15, single('later')],
  [3, single('pause', (random) => random.below(4))],
  [6, single('burn', (random) => random.next() * 0.4)],
  [12, single('withObject', pair)],
  [6, single('fail')],
  [4, single('failLater')],
  [8, fused],
  [5, unfused],
  // Rare, because each of them costs a worker. `spin` also costs a second, in which the executor
  // waits for an answer of the blocked thread.
  [0.01, single('spin')],
  [0.03, single('deaf')],
];

/** @type {readonly (readonly [number, any])[]} */
export const killers = [
  [4, single('exit', (random) => random.below(3))],
  [1, single('throwInTimer')],
  [1, single('leaveRejection')],
  [1, single('leaveTimer', (random) => random.below(5))],
];

function steps(tasks, count, random) {
  return Array.from({ length: count }, (_, i) => {
    if (i === count - 1 && random.chance(0.1)) return chain(tasks.stepAndFail);
    return chain(random.chance(0.5) ? tasks.step : tasks.stepLater);
  });
}

function range(from, length) {
  return Array.from({ length }, (_, i) => from + i);
}
