import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Watched, watch } from '../../../src/backends/threads/look-out.js';
import { setInternalClock } from '../../../src/platform/time.js';

/** Functions that were passed to setImmediate. */
let turns: (() => void)[] = [];

beforeEach(() => {
  turns = [];
  setInternalClock({ ...globalThis, setImmediate: ((turn: () => void) => turns.push(turn)) as never });
});

afterEach(() => {
  while (turns.length > 0) turn();
  setInternalClock();
});

function turn(): void {
  for (const run of turns.splice(0)) run();
}

function worker(...answers: boolean[]): Watched & { look: ReturnType<typeof vi.fn> } {
  return { look: vi.fn(() => answers.shift() ?? false) };
}

it('a worker is looked at once in each turn, until it returns false', () => {
  const one = worker(true, true, false);
  watch(one);
  expect(one.look).not.toHaveBeenCalled();
  for (let i = 0; i < 5; i++) turn();
  expect(one.look).toHaveBeenCalledTimes(3);
});

it('no turn is requested while no worker is watched', () => {
  watch(worker(false));
  turn();
  expect(turns).toHaveLength(0);
});

it('one immediate serves all workers', () => {
  const both = [worker(true), worker(true)];
  for (const one of both) watch(one);
  expect(turns).toHaveLength(1);
  turn();
  expect(turns).toHaveLength(1);
  for (const { look } of both) expect(look).toHaveBeenCalledTimes(1);
});

it('a worker that is watched during a turn is looked at in the next one', () => {
  const late = worker(false);
  const early = {
    look() {
      watch(late);
      return false;
    },
  };
  watch(early);
  turn();
  expect(late.look).not.toHaveBeenCalled();
  turn();
  expect(late.look).toHaveBeenCalledTimes(1);
});

it('all workers are still watched if a look throws', () => {
  const other = worker(false);
  const look = vi.fn(() => false);
  look.mockImplementationOnce(() => {
    throw new Error('a look');
  });
  watch({ look });
  watch(other);
  expect(turn).toThrow('a look');
  turn();
  expect([look, other.look].map(({ mock }) => mock.calls.length)).toEqual([2, 1]);
});
