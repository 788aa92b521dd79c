import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { LazyValue } from '../../../src/protocol/lazy-value.js';
import {
  REPORT_CANCELLED,
  REPORT_FULFILLED,
  REPORT_FULFILLED_ENCODED,
  REPORT_REJECTED,
  REPORT_SKIPPED,
  REPORT_UNCLONABLE,
} from '../../../src/protocol/messages.js';
import { encodeError } from '../../../src/protocol/wire-error.js';
import { applyReport } from '../../../src/scheduling/job/apply-report.js';
import { FakeJob } from '../../support/fake-job.js';

class PaymentError extends Error {
  override readonly name = 'PaymentError';
}

describe('applyReport()', () => {
  it.each<[string, number, unknown, string]>([
    ['a value', REPORT_FULFILLED, 7, 'fulfilled 7'],
    ['an error', REPORT_REJECTED, encodeError(new RangeError('odd')), 'rejected RangeError: odd'],
    ['an error of a value', REPORT_UNCLONABLE, encodeError(new Error('no clone')), 'unclonable Error: no clone'],
    ['a cancel', REPORT_CANCELLED, encodeError(new Error('enough')), 'cancelled Error: enough'],
  ])('a job receives %s once, in the call of its kind', (_what, kind, payload, call) => {
    const job = new FakeJob(1, 'parse');
    applyReport(job, kind, payload, {});
    expect(job.history).toEqual([call]);
  });

  it('a skipped job receives nothing, because the outcome of its upstream settles it', () => {
    const job = new FakeJob(1, 'parse');
    applyReport(job, REPORT_SKIPPED, undefined, {});
    expect(job.history).toEqual([]);
  });

  it('a value that arrived as bytes is decoded only when it is read', () => {
    const job = new FakeJob(1, 'parse');
    let received: unknown;
    job.fulfilled = (value) => {
      received = value;
    };
    applyReport(job, REPORT_FULFILLED_ENCODED, new Uint8Array([1, 2, 3]), {});
    expect(received).toBeInstanceOf(LazyValue);
  });

  it('an error of a class of the program is an instance of it', () => {
    const job = new FakeJob(1, 'parse');
    applyReport(job, REPORT_REJECTED, encodeError(new PaymentError('declined')), { PaymentError });
    expect(job.reason).toBeInstanceOf(PaymentError);
  });

  it('the value of a job that was cancelled or revoked is closed, because no job receives it', async () => {
    const { port1, port2 } = new MessageChannel();
    const closed = new Promise((resolve) => port2.once('close', resolve));
    applyReport(undefined, REPORT_FULFILLED, port1, {});
    await closed;
    expect(() => applyReport(undefined, REPORT_REJECTED, encodeError(new Error('late')), {})).not.toThrow();
  });
});
