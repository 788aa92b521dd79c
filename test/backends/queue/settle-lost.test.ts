/** Lost jobs that no other server takes over: the client settles their futures. */
import { expect, it } from 'vitest';
import { settleLost } from '../../../src/backends/queue/settle-lost.js';
import { REPORT_REJECTED } from '../../../src/protocol/messages.js';
import { type JobData, VERSION } from '../../../src/protocol/queue/job-data.js';
import type { LostJob } from '../../../src/protocol/queue/lost-jobs.js';
import type { OutcomeMessage } from '../../../src/protocol/queue/messages.js';

const data = (id: number): JobData => ({
  version: VERSION,
  client: 'client',
  keep: 70,
  trees: [{ nodes: [{ id, attempt: 1, name: 'task', from: -1, steps: ['task'] }], args: '' }],
});
const lost = (id: number): LostJob => ({
  data: data(id),
  notes: { times: 1, started: 0, retried: new Map(), steps: new Map(), server: 'doomed' },
});

function open(rerunLost = 0) {
  const stored: [OutcomeMessage, number][] = [];
  const asked: string[] = [];
  const connection = {
    outcomes: async () => [],
    async storeOutcomes(outcomes: readonly OutcomeMessage[], keep: number) {
      for (const outcome of outcomes) stored.push([outcome, keep]);
    },
    async findLost(job: string) {
      asked.push(job);
      if (job === 'foreign') throw new Error('not a job of this library');
      return job === 'held' ? undefined : lost(Number(job));
    },
    async rules() {
      asked.push('rules');
      return { lostAfter: 100, rerunLost };
    },
  };
  return { connection, stored, asked };
}

it('the futures of a lost job are rejected, and their outcomes are stored', async () => {
  const { connection, stored } = open();
  expect(await settleLost(connection, ['1', 'held', 'foreign', '2'])).toEqual([1, 2]);
  expect(stored).toMatchObject([
    [{ id: 1, kind: REPORT_REJECTED }, 70],
    [{ id: 2, kind: REPORT_REJECTED }, 70],
  ]);
});

it('a lost job that may run again is left for the next server', async () => {
  const { connection, stored } = open(1);
  expect(await settleLost(connection, ['1'])).toEqual([]);
  expect(stored).toEqual([]);
});

it('the rules are read only if a job is lost', async () => {
  const { connection, asked } = open();
  await settleLost(connection, ['held']);
  expect(asked).toEqual(['held']);
});
