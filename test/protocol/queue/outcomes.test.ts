/** Stored outcomes, which anyone may have written. */
import { describe, expect, it } from 'vitest';
import { REPORT_FULFILLED } from '../../../src/protocol/messages.js';
import { type JobData, VERSION } from '../../../src/protocol/queue/job-data.js';
import { outcomeNow } from '../../../src/protocol/queue/messages.js';
import { outcomesOf, storedOutcome, storedText } from '../../../src/protocol/queue/outcomes.js';
import { toText } from '../../../src/protocol/queue/value-text.js';

const outcome = (id: number, attempt = 1) => outcomeNow(id, attempt, REPORT_FULFILLED, toText(id));

describe('storedOutcome', () => {
  it('an outcome is read as it was stored', () => {
    const stored = outcome(1);
    expect(storedOutcome(storedText(stored), 1)).toEqual(stored);
  });

  it.each([
    ['of another future', storedText(outcome(2))],
    ['without a payload', storedText({ ...outcome(1), payload: undefined as never })],
    ['of another type', JSON.stringify([{ type: 'started', id: 1, at: 0 }])],
    ['that is not JSON', 'hello'],
    ['that is missing', null],
  ])('a text %s is ignored', (_what, text) => {
    expect(storedOutcome(text, 1)).toBeUndefined();
  });
});

describe('outcomesOf', () => {
  const node = (id: number, attempt: number) => ({ id, attempt, name: 'task', from: -1, steps: ['task'] });
  const data: JobData = {
    version: VERSION,
    client: 'client',
    keep: 1,
    trees: [{ nodes: [node(1, 1), node(2, 2)], args: '' }],
  };

  it('the outcomes of a job are those of the attempts that it contains', async () => {
    const store = { outcomes: async (ids: readonly number[]) => ids.map((id) => outcome(id)) };
    expect([...(await outcomesOf(store, data)).keys()]).toEqual([1]);
  });

  it('an outcome whose payload is invalid is ignored', async () => {
    const store = { outcomes: async () => [{ ...outcome(1), payload: 'nonsense' }] };
    expect((await outcomesOf(store, data)).size).toBe(0);
  });
});
