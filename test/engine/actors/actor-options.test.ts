/** The options of an actor: which are accepted, and what the errors say. */
import { describe, expect, it } from 'vitest';
import { checkActorOptions } from '../../../src/engine/actors/actor-options.js';

const error = (options: object): unknown => {
  try {
    return checkActorOptions(options);
  } catch (thrown) {
    return thrown;
  }
};

describe('checkActorOptions()', () => {
  it('options of actors and of tasks are accepted, except the key', () => {
    const options = { restart: Number.POSITIVE_INFINITY, concurrency: 3, timeout: 1_000, retry: 2, priority: 1 };
    expect(checkActorOptions(options)).toBe(options);
    expect(error({ key: 'ann' })).toBeInstanceOf(TypeError);
    expect(String(error({ key: 'ann' }))).toContain('unknown option "key"');
  });

  it('a number out of range is refused, and so is a value that is not a number', () => {
    for (const options of [{ restart: -1 }, { restart: 1.5 }, { concurrency: 0 }, { timeout: -1 }])
      expect(error(options)).toBeInstanceOf(RangeError);
    expect(String(error({ restart: -1 }))).toContain('expected an integer, 0 or more, or Infinity, got -1');
    expect(error({ concurrency: '2' })).toBeInstanceOf(TypeError);
  });
});
