/** Passes the outcome that a worker has reported to its job. */
import { LazyValue } from '../../protocol/lazy-value.js';
import {
  REPORT_CANCELLED,
  REPORT_FULFILLED,
  REPORT_FULFILLED_ENCODED,
  REPORT_REJECTED,
  REPORT_SKIPPED,
  REPORT_UNCLONABLE,
} from '../../protocol/messages.js';
import { closeUnused } from '../../protocol/transfer.js';
import { decodeError, type ErrorClass, type WireError } from '../../protocol/wire-error.js';
import type { Job } from './job.js';

export type ErrorClasses = Readonly<Record<string, ErrorClass>>;

/** `job` is undefined if it was cancelled or revoked. Its value is closed then. */
export function applyReport(job: Job | undefined, kind: number, payload: unknown, classes: ErrorClasses): void {
  if (job === undefined) {
    if (kind === REPORT_FULFILLED) closeUnused([payload]);
    return;
  }
  switch (kind) {
    case REPORT_FULFILLED:
      job.fulfilled(payload);
      break;
    case REPORT_FULFILLED_ENCODED:
      job.fulfilled(new LazyValue(payload as Uint8Array | string));
      break;
    case REPORT_REJECTED:
      job.rejected(decodeError(payload as WireError, classes));
      break;
    case REPORT_UNCLONABLE:
      job.unclonable(decodeError(payload as WireError, classes));
      break;
    case REPORT_CANCELLED:
      job.cancelled(decodeError(payload as WireError, classes));
      break;
    case REPORT_SKIPPED:
      // The upstream failed or was cancelled. The outcome of its future settles the future of this
      // job.
      break;
  }
}
