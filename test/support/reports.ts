/** Spies for unhandled errors of RxJS and for warnings of the process, which tests can inspect. */
import { config, throwError } from 'rxjs';
import { afterEach, beforeEach, type Mock, vi } from 'vitest';

/**
 * Replaces RxJS's `config.onUnhandledError` by a spy in the tests of the calling block. RxJS calls
 * the spy from a timer, so a test has to wait for {@link afterReports} before it checks the spy.
 */
export function catchUnhandled(): Mock<(error: unknown) => void> {
  const unhandled = vi.fn<(error: unknown) => void>();
  beforeEach(() => {
    unhandled.mockClear();
    config.onUnhandledError = unhandled;
  });
  afterEach(() => {
    config.onUnhandledError = null;
  });
  return unhandled;
}

/**
 * Resolves when the reports of unhandled errors so far have been made. It lets RxJS report one more
 * error and waits for that report, because RxJS makes its reports in order.
 */
export function afterReports(): Promise<void> {
  const { onUnhandledError } = config;
  const last = new Error('the last report');
  return new Promise((resolve) => {
    config.onUnhandledError = (error) => {
      if (error !== last) {
        if (onUnhandledError === null) throw error;
        return onUnhandledError(error);
      }
      config.onUnhandledError = onUnhandledError;
      resolve();
    };
    throwError(() => last).subscribe();
  });
}

/** Replaces `process.emitWarning` by a spy in the tests of the calling block. */
export function catchWarnings(): { readonly messages: () => string[]; readonly codes: () => unknown[] } {
  const warn = vi.fn<(message: unknown, options: { code?: string }) => void>();
  beforeEach(() => {
    warn.mockClear();
    vi.spyOn(process, 'emitWarning').mockImplementation(warn as never);
  });
  afterEach(() => {
    vi.mocked(process.emitWarning).mockRestore();
  });
  return {
    messages: () => warn.mock.calls.map(([message]) => String(message)),
    codes: () => warn.mock.calls.map(([, options]) => options.code),
  };
}
