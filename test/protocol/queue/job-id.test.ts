/** Ids of jobs. */
import { expect, it } from 'vitest';
import { isJobId, jobIdOf, jobOf } from '../../../src/protocol/queue/job-id.js';

it('a job is named after its first future', () => {
  const node = (id: number, attempt: number) => ({ id, attempt, name: 'task', from: -1, steps: ['task'] });
  const tree = (id: number, attempt = 1) => ({ nodes: [node(id, attempt)], args: '' });
  expect(jobOf([tree(5), tree(6)])).toBe('future-5');
  expect(jobOf([tree(5, 2)])).toBe('future-5-2');
});

it('each attempt has an id of its own', () => {
  expect([jobIdOf(5), jobIdOf(5, 1), jobIdOf(5, 2)]).toEqual(['future-5', 'future-5', 'future-5-2']);
});

it('isJobId() recognizes the ids of this library', () => {
  expect(['future-5', 'future-5-2', '5', 'job'].map(isJobId)).toEqual([true, true, false, false]);
});
