import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Polled, startPolling } from '../../../src/backends/threads/report-poll.js';
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

function worker(...answers: boolean[]): Polled & { poll: ReturnType<typeof vi.fn> } {
  return { poll: vi.fn(() => answers.shift() ?? false) };
}

it('a worker is polled once in each turn, until it returns false', () => {
  const one = worker(true, true, false);
  startPolling(one);
  expect(one.poll).not.toHaveBeenCalled();
  for (let i = 0; i < 5; i++) turn();
  expect(one.poll).toHaveBeenCalledTimes(3);
});

it('no turn is requested while no worker is polled', () => {
  startPolling(worker(false));
  turn();
  expect(turns).toHaveLength(0);
});

it('one immediate serves all workers', () => {
  const both = [worker(true), worker(true)];
  for (const one of both) startPolling(one);
  expect(turns).toHaveLength(1);
  turn();
  expect(turns).toHaveLength(1);
  for (const { poll } of both) expect(poll).toHaveBeenCalledTimes(1);
});

it('a worker that is added during a turn is polled in the next one', () => {
  const late = worker(false);
  const early = {
    poll() {
      startPolling(late);
      return false;
    },
  };
  startPolling(early);
  turn();
  expect(late.poll).not.toHaveBeenCalled();
  turn();
  expect(late.poll).toHaveBeenCalledTimes(1);
});

it('all workers are still polled if one of them throws', () => {
  const other = worker(false);
  const poll = vi.fn(() => false);
  poll.mockImplementationOnce(() => {
    throw new Error('a failed poll');
  });
  startPolling({ poll });
  startPolling(other);
  expect(turn).toThrow('a failed poll');
  turn();
  expect([poll, other.poll].map(({ mock }) => mock.calls.length)).toEqual([2, 1]);
});
