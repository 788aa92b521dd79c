import { describe, expect, it } from 'vitest';
import { unfaked } from '../../src/util/unfaked.js';

const { setTimeout, clearTimeout, queueMicrotask } = globalThis;
const scope = { setTimeout, clearTimeout, queueMicrotask };

describe('unfaked', () => {
  it('the timers of a scope whose clock is not faked are its own', () => {
    expect(unfaked(scope, ['setTimeout', 'queueMicrotask'])).toEqual({ setTimeout, queueMicrotask });
  });

  it('a faked timer is replaced by its original, which the fake clock keeps', () => {
    const fake = Object.assign(() => {}, { clock: { _setTimeout: setTimeout } });
    const faked = { ...scope, setTimeout: fake as never };
    expect(unfaked(faked, ['setTimeout', 'clearTimeout'])).toEqual({ setTimeout, clearTimeout });
  });
});
