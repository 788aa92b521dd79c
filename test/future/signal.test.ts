import { getEventListeners } from 'node:events';
import { expect, it, vi } from 'vitest';
import { listenSignal, unlistenSignal } from '../../src/future/signal.js';

const abortable = () => ({ cancel: vi.fn() });

it('an abort cancels everything that waits for the signal, with its reason', () => {
  const { signal, abort } = controller();
  const waiting = [abortable(), abortable()];
  for (const each of waiting) listenSignal(signal, each);
  abort('enough');
  for (const { cancel } of waiting) expect(cancel.mock.calls).toEqual([['enough']]);
});

it('a signal has one listener, however many wait for it, and none when nothing waits', () => {
  const { signal } = controller();
  const waiting = [abortable(), abortable()];
  for (const each of waiting) listenSignal(signal, each);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  unlistenSignal(signal, waiting[0]!);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  unlistenSignal(signal, waiting[1]!);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

it('a future that has settled before the abort is not cancelled', () => {
  const { signal, abort } = controller();
  const [settled, waiting] = [abortable(), abortable()];
  for (const each of [settled, waiting]) listenSignal(signal, each);
  unlistenSignal(signal, settled);
  abort('enough');
  expect(settled.cancel).not.toHaveBeenCalled();
  expect(waiting.cancel).toHaveBeenCalledTimes(1);
});

it('unlistenSignal() of a signal that nothing waits for does nothing', () => {
  const { signal, abort } = controller();
  unlistenSignal(signal, abortable());
  abort('enough');
  unlistenSignal(signal, abortable());
});

function controller() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: unknown) => controller.abort(reason) };
}
