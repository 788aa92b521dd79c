import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Viewport } from '../../../../src/dashboard/page/gantt/viewport.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

function open(): Viewport {
  const view = new Viewport();
  view.frameAt(50_000);
  return view;
}

it('the view follows the clock of the server', () => {
  const view = open();
  const { end } = view;
  vi.advanceTimersByTime(1_000);
  expect(view.end - end).toBe(1_000);
  expect(view.end - view.start).toBe(view.span);
});

it('a frozen view stays, and follows again later', () => {
  const view = open();
  view.freeze();
  const { end } = view;
  vi.advanceTimersByTime(5_000);
  expect([view.end, view.isFrozen]).toEqual([end, true]);
  view.follow();
  expect(view.end - end).toBe(5_000);
});

it('a zoom keeps the anchor in place', () => {
  const view = open();
  view.freeze();
  const middle = (view.start + view.end) / 2;
  view.zoom(0.5, 0.5);
  expect((view.start + view.end) / 2).toBe(middle);
  for (let i = 0; i < 100; i++) view.zoom(0.5, 0.5);
  expect(view.span).toBe(2);
  for (let i = 0; i < 100; i++) view.zoom(2, 0.5);
  expect(view.span).toBe(120_000);
});

it('a move freezes the view, and never shows the future', () => {
  const view = open();
  const { end } = view;
  view.move(-0.5);
  expect([view.isFrozen, end - view.end]).toEqual([true, view.span / 2]);
  view.move(10);
  expect(view.end).toBe(end);
});
