/** Catches what the library and RxJS report when no handler takes an error, so that a test can look at it. */
import { config } from 'rxjs';
import { afterEach, beforeEach, type Mock, vi } from 'vitest';

/** A spy in the place of RxJS's `config.onUnhandledError`, for the tests of the block that calls this. Needs a turn of the timers. */
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

/** A spy in the place of `process.emitWarning`, for the tests of the block that calls this. */
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
