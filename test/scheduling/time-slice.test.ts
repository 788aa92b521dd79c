import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TimeSlice } from '../../src/scheduling/time-slice.js';

let now = 0;
const clock = vi.spyOn(performance, 'now');

beforeEach(() => void clock.mockImplementation(() => now));
afterEach(() => void clock.mockReset());

/** Reports in a message that are worth a look at the clock. */
const MANY = 64;

/** So many ms pass in this turn of the event loop. */
function pass(ms: number): void {
  now += ms;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('a turn of reports', () => {
  it('is over when reports have come for longer than 10 ms, and its work goes on in the next', async () => {
    const next = vi.fn();
    const timeSlice = new TimeSlice(next);
    expect(timeSlice.isOver(MANY)).toBe(false);
    pass(10);
    expect(timeSlice.isOver(MANY)).toBe(false);
    pass(1);
    expect(timeSlice.isOver(MANY)).toBe(true);
    expect(next).not.toHaveBeenCalled();
    await nextTurn();
    expect(next).toHaveBeenCalledTimes(1);
    expect(timeSlice.isOver(MANY)).toBe(false);
  });

  it('once over, is over for everybody until the next, with reports or without', async () => {
    const timeSlice = new TimeSlice(() => {});
    timeSlice.isOver(MANY);
    pass(11);
    expect([timeSlice.isOver(MANY), timeSlice.isOver(0), timeSlice.isOver(1)]).toEqual([true, true, true]);
    await nextTurn();
    expect(timeSlice.isOver(0)).toBe(false);
  });

  it('needs no other where nobody was told that it is over', async () => {
    const next = vi.fn();
    new TimeSlice(next).isOver(MANY);
    await nextTurn();
    expect(next).not.toHaveBeenCalled();
  });

  it('takes no notice of few reports: no clock is read, no timer is set', () => {
    const timer = vi.spyOn(globalThis, 'setImmediate');
    const timeSlice = new TimeSlice(() => {});
    clock.mockClear();
    for (let i = 0; i < 1_000; i++) expect(timeSlice.isOver(MANY - 1)).toBe(false);
    expect(clock).not.toHaveBeenCalled();
    expect(timer).not.toHaveBeenCalled();
    timer.mockRestore();
  });

  it('is counted from its own first reports, not from those of the turn before', async () => {
    const timeSlice = new TimeSlice(() => {});
    timeSlice.isOver(MANY);
    pass(8);
    await nextTurn();
    timeSlice.isOver(MANY);
    pass(8);
    expect(timeSlice.isOver(MANY)).toBe(false);
    pass(3);
    expect(timeSlice.isOver(MANY)).toBe(true);
  });

  it('has ended when it calls: what is called may begin the next one', async () => {
    const seen: boolean[] = [];
    const timeSlice: TimeSlice = new TimeSlice(() => seen.push(timeSlice.isOver(MANY)));
    timeSlice.isOver(MANY);
    pass(11);
    timeSlice.isOver(MANY);
    await nextTurn();
    expect(seen).toEqual([false]);
  });
});
