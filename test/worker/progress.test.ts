import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Progress } from '../../src/worker/progress.js';
import { registry, TaskContext } from '../../src/worker/task-context.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

beforeEach(() => useVirtualTime());
afterEach(() => useRealTime());

function open() {
  const sent: unknown[] = [];
  const failed: unknown[] = [];
  const post = (message: { value?: unknown }) => {
    structuredClone(message);
    sent.push(message.value);
  };
  const progress = new Progress(post as never, (_task, error) => failed.push(error));
  const task = new TaskContext(2, 7, 'parse', 1, 'crew-1', progress, undefined);
  registry.running.add(task);
  onTestFinished(() => void registry.running.delete(task));
  const report = (from: number, to = from) => {
    for (let i = from; i <= to; i++) progress.report(task, i);
  };
  return { progress, task, sent, failed, report };
}

describe('Progress', () => {
  it('a few reports in quick succession are all sent at once', () => {
    const { sent, report } = open();
    report(1, 32);
    expect(sent).toHaveLength(32);
  });

  it('the latest of many more reports is sent after 20 ms, and the others are not', () => {
    const { sent, report } = open();
    report(1, 100);
    expect(sent.at(-1)).toBe(32);
    vi.advanceTimersByTime(19);
    expect(sent).toHaveLength(32);
    vi.advanceTimersByTime(1);
    expect(sent.slice(32)).toEqual([100]);
  });

  it('a task earns one message every 20 ms', () => {
    const { sent, report } = open();
    report(1, 32);
    vi.advanceTimersByTime(60);
    report(33, 35);
    expect(sent).toHaveLength(35);
    report(36);
    expect(sent).toHaveLength(35);
  });

  it('the last value of a task is sent when the task ends, and no value after that', () => {
    const { progress, task, sent, report } = open();
    report(1, 40);
    progress.ended(task);
    registry.running.delete(task);
    report(99);
    vi.advanceTimersByTime(100);
    expect(sent.slice(32)).toEqual([40]);
  });

  it('a value that cannot be sent throws at the call', () => {
    const { progress, task } = open();
    expect(() => progress.report(task, () => {})).toThrow(/progress/);
  });

  it('a value that cannot be sent later rejects the task', () => {
    const { progress, task, failed, report } = open();
    report(1, 32);
    progress.report(task, { callback: () => {} });
    vi.advanceTimersByTime(20);
    expect(failed).toMatchObject([{ name: 'SerializationError', path: 'progress.callback' }]);
  });
});
