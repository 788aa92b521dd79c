/** Runs a marble test in the virtual time of RxJS, with vitest's equality. */
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { expect } from 'vitest';

export function marbles(run: (helpers: RunHelpers) => void): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(run);
}
