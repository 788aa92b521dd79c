import { describe, expect, it } from 'vitest';
import {
  codeOf,
  type Ending,
  type EndingParts,
  endingOf,
  isOrderly,
  partsOf,
  withFault,
} from '../../src/backends/ending.js';

const crash = new Error('crashed');
const parts = (given: Partial<EndingParts>): EndingParts => ({
  exitCode: undefined,
  signal: undefined,
  error: undefined,
  ...given,
});

describe('Ending', () => {
  it.each<[string, Partial<EndingParts>, Ending]>([
    ['an exit code', { exitCode: 7 }, { type: 'exited', exitCode: 7 }],
    ['an unknown exit code', {}, { type: 'exited', exitCode: undefined }],
    ['a signal', { signal: 'SIGKILL' }, { type: 'killed', signal: 'SIGKILL' }],
    ['an error', { exitCode: 1, error: crash }, { type: 'failed', exitCode: 1, error: crash }],
    [
      'an error before a signal',
      { signal: 'SIGTERM', error: crash },
      { type: 'failed', signal: 'SIGTERM', error: crash },
    ],
  ])('a worker that reports %s has the ending of that type, which keeps all parts', (_what, given, ending) => {
    expect(endingOf(parts(given))).toEqual(ending);
    expect(partsOf(ending)).toEqual(parts(given));
  });

  it('an ending is orderly only if its exit code is 0', () => {
    const endings = [{ exitCode: 0 }, { exitCode: 1 }, {}, { signal: 'SIGTERM' }, { exitCode: 0, error: crash }];
    expect(endings.map((given) => isOrderly(endingOf(parts(given))))).toEqual([true, false, false, false, false]);
  });

  it('a fault that was reported before the end is the error, unless the end has an error of its own', () => {
    const fault = new Error('uncaught');
    expect(withFault({ type: 'exited', exitCode: 1 }, fault)).toEqual({ type: 'failed', exitCode: 1, error: fault });
    expect(withFault({ type: 'killed', signal: 'SIGTERM' }, fault)).toMatchObject({ error: fault, signal: 'SIGTERM' });
    expect(withFault({ type: 'failed', error: crash }, fault)).toMatchObject({ error: crash });
    expect(withFault({ type: 'exited', exitCode: 0 }, undefined)).toEqual({ type: 'exited', exitCode: 0 });
  });

  it('the code of an ending is its exit code, or else its signal', () => {
    const endings = [{ exitCode: 0 }, { signal: 'SIGKILL' }, { exitCode: 1, error: crash }];
    expect(endings.map((given) => codeOf(endingOf(parts(given))))).toEqual([0, 'SIGKILL', 1]);
  });
});
