import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TimeSlice } from '../../src/scheduling/time-slice.js';

let now = 0;
const clock = vi.spyOn(performance, 'now');

beforeEach(() => void clock.mockImplementation(() => now));
afterEach(() => void clock.mockReset());

/** Smallest message, in reports, for which the clock is read. */
const MIN_TIMED_REPORTS = 64;

/** Advances the clock in this turn of the event loop. */
function pass(ms: number): void {
  now += ms;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('TimeSlice', () => {
  it('the time slice is over after 10 ms of reports, and the work continues in the next turn', async () => {
    const next = vi.fn();
    const timeSlice = new TimeSlice(next);
    expect(timeSlice.isOver(MIN_TIMED_REPORTS)).toBe(false);
    pass(10);
    expect(timeSlice.isOver(MIN_TIMED_REPORTS)).toBe(false);
    pass(1);
    expect(timeSlice.isOver(MIN_TIMED_REPORTS)).toBe(true);
    expect(next).not.toHaveBeenCalled();
    await nextTurn();
    expect(next).toHaveBeenCalledTimes(1);
    expect(timeSlice.isOver(MIN_TIMED_REPORTS)).toBe(false);
  });

  it('a time slice that is over stays over until the next turn, for messages of any size', async () => {
    const timeSlice = new TimeSlice(() => {});
    timeSlice.isOver(MIN_TIMED_REPORTS);
    pass(11);
    expect([timeSlice.isOver(MIN_TIMED_REPORTS), timeSlice.isOver(0), timeSlice.isOver(1)]).toEqual([true, true, true]);
    await nextTurn();
    expect(timeSlice.isOver(0)).toBe(false);
  });

  it('next() is not called if isOver() never returned true', async () => {
    const next = vi.fn();
    new TimeSlice(next).isOver(MIN_TIMED_REPORTS);
    await nextTurn();
    expect(next).not.toHaveBeenCalled();
  });

  it('messages with few reports read no clock and set no timer', () => {
    const timer = vi.spyOn(globalThis, 'setImmediate');
    const timeSlice = new TimeSlice(() => {});
    clock.mockClear();
    for (let i = 0; i < 1_000; i++) expect(timeSlice.isOver(MIN_TIMED_REPORTS - 1)).toBe(false);
    expect(clock).not.toHaveBeenCalled();
    expect(timer).not.toHaveBeenCalled();
    timer.mockRestore();
  });

  it('a time slice starts with the first reports of its own turn', async () => {
    const timeSlice = new TimeSlice(() => {});
    timeSlice.isOver(MIN_TIMED_REPORTS);
    pass(8);
    await nextTurn();
    timeSlice.isOver(MIN_TIMED_REPORTS);
    pass(8);
    expect(timeSlice.isOver(MIN_TIMED_REPORTS)).toBe(false);
    pass(3);
    expect(timeSlice.isOver(MIN_TIMED_REPORTS)).toBe(true);
  });

  it('the time slice has ended when next() is called, so that next() may start another one', async () => {
    const seen: boolean[] = [];
    const timeSlice: TimeSlice = new TimeSlice(() => seen.push(timeSlice.isOver(MIN_TIMED_REPORTS)));
    timeSlice.isOver(MIN_TIMED_REPORTS);
    pass(11);
    timeSlice.isOver(MIN_TIMED_REPORTS);
    await nextTurn();
    expect(seen).toEqual([false]);
  });
});
