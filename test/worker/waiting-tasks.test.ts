import { describe, expect, it } from 'vitest';
import { WaitingTasks } from '../../src/worker/waiting-tasks.js';
import { until } from '../support/until.js';

/** The slot of a task that has no concurrency slot. */
const OF_ACTOR = 7;

function open() {
  const log: string[] = [];
  const waiting = new WaitingTasks(
    { has: (slot) => slot !== OF_ACTOR, paused: () => log.push('paused'), resumed: () => log.push('resumed') },
    (message) => message.type === 'waits' && log.push(`${message.slot} ${message.isWaiting ? 'waits' : 'goes on'}`),
  );
  return { log, waiting };
}

/** Resolves when the next report is due: another task waits, and its report has come. */
async function nextReport({ log, waiting }: ReturnType<typeof open>): Promise<void> {
  waiting.waitStarted(9, false);
  await until(() => log.includes('9 waits'));
  log.splice(log.lastIndexOf('paused'), 1);
  log.splice(log.indexOf('9 waits'), 1);
}

describe('the tasks that wait', () => {
  it('a task has no concurrency slot while it waits for anything', () => {
    const opened = open();
    const { log, waiting } = opened;
    waiting.waitStarted(1, true);
    waiting.waitStarted(1, false);
    waiting.waitEnded(1, true);
    expect(log).toEqual(['paused']);
    waiting.waitEnded(1, false);
    expect(log).toEqual(['paused', 'resumed']);
  });

  it('a short wait is not reported', async () => {
    const opened = open();
    const { log, waiting } = opened;
    waiting.waitStarted(1, false);
    waiting.waitEnded(1, false);
    await nextReport(opened);
    expect(log).toEqual(['paused', 'resumed']);
  });

  it('a long wait is reported, and its end too', async () => {
    const opened = open();
    const { log, waiting } = opened;
    waiting.waitStarted(1, false);
    waiting.waitStarted(2, true);
    await nextReport(opened);
    expect(log).toEqual(['paused', 'paused', '1 waits']);
    waiting.waitEnded(1, false);
    waiting.waitEnded(2, true);
    expect(log.slice(3)).toEqual(['1 goes on', 'resumed', 'resumed']);
  });

  it('the looks become rarer with each report, until a new task waits', async () => {
    const { log, waiting } = open();
    const times: number[] = [];
    waiting.waitStarted(2, false);
    for (let round = 0; round < 6; round++) {
      waiting.waitStarted(1, false);
      const start = performance.now();
      log.length = 0;
      await until(() => log.includes('1 waits'));
      times.push(performance.now() - start);
      waiting.waitEnded(1, false);
    }
    // A timer may be late, and never early.
    expect(times.at(-1)).toBeGreaterThan(30);
    waiting.waitStarted(3, false);
    waiting.waitStarted(1, false);
    await until(() => log.includes('3 waits'));
    expect(log.slice(-2)).toEqual(['1 waits', '3 waits']);
    for (const slot of [1, 2, 3]) waiting.ended(slot);
    expect(waiting.isActive).toBe(false);
  });

  it('a wait that another message has reported is not reported again, but its end is', async () => {
    const opened = open();
    const { log, waiting } = opened;
    waiting.waitStarted(1, false);
    waiting.seen(1);
    await nextReport(opened);
    waiting.waitEnded(1, false);
    expect(log).toEqual(['paused', '1 goes on', 'resumed']);
  });

  it('a task that ends while it waits uses its concurrency slot again, without a report', async () => {
    const opened = open();
    const { log, waiting } = opened;
    waiting.waitStarted(1, false);
    waiting.ended(1);
    waiting.ended(1);
    waiting.waitEnded(1, false);
    await nextReport(opened);
    expect(log).toEqual(['paused', 'resumed']);
  });

  it('a task without a concurrency slot releases none, and its wait is reported', async () => {
    const opened = open();
    const { log, waiting } = opened;
    waiting.waitStarted(OF_ACTOR, false);
    await nextReport(opened);
    waiting.waitEnded(OF_ACTOR, false);
    waiting.waitStarted(OF_ACTOR, false);
    waiting.ended(OF_ACTOR);
    expect(log).toEqual([`${OF_ACTOR} waits`, `${OF_ACTOR} goes on`]);
  });
});
