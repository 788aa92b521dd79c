/** Spies for unhandled errors of RxJS and for warnings of the process, which tests can inspect. */
import { config } from 'rxjs';
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
 * Resolves when the reports of unhandled errors so far have been made. Timers of the same duration
 * fire in the order in which they were set.
 */
export function afterReports(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
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
