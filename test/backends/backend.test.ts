/** The traits of a backend: what it declares, and what threads have otherwise. */
import { describe, expect, it } from 'vitest';
import { traitsOf } from '../../src/backends/backend.js';
import { FakeBackend } from '../support/fake-backend.js';

const local = traitsOf({ name: 'plain', open: () => new FakeBackend().open({} as never, {}, {} as never) });

describe('the traits of a backend', () => {
  it('a backend that declares no traits has workers of its own, whose capacity is known', () => {
    expect(local).toMatchObject({ ownsWorkers: true, sendsFunctions: true, hasKnownCapacity: true });
  });

  it('a backend that declares no traits leaves time limits, retries and ids to the executor', () => {
    expect(local).toMatchObject({ limitsTime: false, retries: false, sendsJobOptions: false, nextId: undefined });
  });

  it('a trait that a backend declares replaces that trait alone', () => {
    const nextId = () => 5;
    expect(traitsOf(new FakeBackend({ traits: { ownsWorkers: false, nextId } }))).toEqual({
      ...local,
      ownsWorkers: false,
      nextId,
    });
  });
});
