import { expect, it } from 'vitest';
import { explainMissing } from '../../../src/bullmq/client/missing-job.js';
import type { JobState } from '../../../src/protocol/queue/transport.js';

const job = (state: string, failure?: string) => ({ job: 'future-7', state, failure }) as unknown as JobState;

it.each([
  [
    'was lost with Redis',
    job('missing'),
    true,
    /^Redis restarted and lost job "future-7" of the queue "pages"\..* Enable/,
  ],
  ['was removed', job('missing'), false, /^Job "future-7" is missing from the queue "pages".* Set maxmemory-policy/],
  [
    'has finished',
    job('ended'),
    false,
    /^Job "future-7" finished but did not report .* Check that only serveTasks\(\)/,
  ],
  ['has failed', job('ended', 'odd'), false, /^Job "future-7" failed \(odd\) but did not report/],
] as const)('the error for a job that %s names it, and says what to do', (_what, state, wasMissingAtOnce, text) => {
  const error = explainMissing(state, 'pages', wasMissingAtOnce);
  expect(error).toMatchObject({ code: 'ERR_WORKER_DIED', workerName: 'unknown' });
  expect(error.message).toMatch(text);
});
