import { config } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { reportCallbackError, reportCleanupError, warnLeftover, warnUnobserved } from '../../src/future/warnings.js';
import { afterReports, catchUnhandled, catchWarnings } from '../support/reports.js';

const task = { id: 4, name: 'parse' };
const error = new Error('lost');

describe('without a handler of the program', () => {
  const { messages, codes } = catchWarnings();

  it.each<[what: string, warn: () => void, message: RegExp, code: string]>([
    ['an unobserved failure', () => warnUnobserved(error, task), /^Future "parse" \(#4\) was rejected/, 'UNOBSERVED'],
    ['a leftover error of a task', () => warnLeftover(error, task), /^Task "parse" \(#4\) caused an unc/, 'LEFTOVER'],
    [
      'a leftover error of unknown origin',
      () => warnLeftover(error, { id: 0, name: 'crew-1' }),
      /^Code on worker "crew-1" caused an uncaught error/,
      'LEFTOVER',
    ],
    ['an error of a callback', () => reportCallbackError(error, task as never), /^A done callback of/, 'CALLBACK'],
    [
      'an error of a cleanup',
      () => reportCleanupError(error, task),
      /^The cleanup of "parse" \(#4\) failed/,
      'CLEANUP',
    ],
  ])('%s becomes a warning with the task, the error and a code', (_, warn, message, code) => {
    warn();
    expect(messages()).toEqual([expect.stringMatching(message)]);
    expect(messages()[0]).toContain('Error: lost');
    expect(codes()).toEqual([`RX_FUTURES_${code}`]);
  });

  it('an error whose text cannot be read still becomes a warning', () => {
    const get = () => {
      throw new Error('trap');
    };
    const hostile = new Proxy(new Error('hidden'), { get });
    expect(() => warnUnobserved(hostile, task)).not.toThrow();
    expect(messages()).toHaveLength(1);
  });
});

describe('with config.onUnhandledError of RxJS', () => {
  const unhandled = catchUnhandled();
  const { messages } = catchWarnings();

  it('errors of callbacks and cleanups go there, and no warning is emitted', async () => {
    expect(config.onUnhandledError).not.toBe(null);
    reportCallbackError('one', task as never);
    reportCleanupError('two', task);
    await afterReports();
    expect(unhandled.mock.calls).toEqual([['one'], ['two']]);
    expect(messages()).toEqual([]);
  });
});
