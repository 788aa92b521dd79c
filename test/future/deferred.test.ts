import fc from 'fast-check';
import { CancelledError, Deferred } from 'rx-futures';
import { of } from 'rxjs';
import { describe, expect, it } from 'vitest';

describe('Deferred', () => {
  it('a Deferred starts pending, with the name that was passed', () => {
    const { future } = new Deferred('confirmed');
    expect([future.name, future.state, future.isSettled, future.outcome]).toEqual([
      'confirmed',
      'pending',
      false,
      undefined,
    ]);
    expect(new Deferred().future.name).toBe('Deferred');
  });

  it('start() advances a pending future to running once', () => {
    const deferred = new Deferred();
    expect(deferred.start()).toBe(true);
    expect(deferred.future.state).toBe('running');
    expect(deferred.start()).toBe(false);
  });

  it.each([
    ['resolve', 'fulfilled'],
    ['reject', 'rejected'],
    ['cancel', 'cancelled'],
  ] as const)('%s() advances a pending and a running future to %s', (verb, state) => {
    for (const hasStarted of [false, true]) {
      const deferred = new Deferred<unknown>();
      if (hasStarted) deferred.start();
      expect(deferred[verb]('x')).toBe(true);
      expect(deferred.future.state).toBe(state);
      expect(deferred.start()).toBe(false);
    }
  });

  it('cancel() of a Deferred returns false if the future is already cancelled, and future.cancel() returns true', () => {
    const deferred = new Deferred();
    expect(deferred.cancel()).toBe(true);
    expect(deferred.cancel()).toBe(false);
    expect(deferred.future.cancel()).toBe(true);
  });

  it('a Deferred resolves with a function or an Observable unchanged', () => {
    for (const value of [() => 1, of(1)]) {
      const deferred = new Deferred<unknown>();
      deferred.resolve(value);
      expect(deferred.future.outcome).toMatchObject({ status: 'fulfilled', value });
    }
  });

  it('a Deferred rejects with any reason, including falsy ones', () => {
    for (const reason of [null, undefined, 0, '', false]) {
      const deferred = new Deferred();
      deferred.reject(reason);
      expect(deferred.future.outcome).toEqual({ status: 'rejected', reason, future: deferred.future });
    }
  });
});

type Verb = 'start' | 'resolve' | 'reject' | 'cancel' | 'future.cancel';
const verbs: readonly Verb[] = ['start', 'resolve', 'reject', 'cancel', 'future.cancel'];
const endings = {
  resolve: 'fulfilled',
  reject: 'rejected',
  cancel: 'cancelled',
  'future.cancel': 'cancelled',
} as const;

describe('any sequence of calls on a Deferred', () => {
  it('the first settling call settles the future, and later calls change nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ verb: fc.constantFrom(...verbs), value: fc.anything() })), (calls) => {
        const deferred = new Deferred<unknown>();
        const { future } = deferred;
        const model = { state: 'pending', result: undefined as unknown };
        const told: unknown[] = [];
        future.addDoneCallback((outcome) => told.push(outcome.status));

        for (const { verb, value } of calls) {
          const answer = verb === 'future.cancel' ? future.cancel(value) : deferred[verb](value);
          expect(answer, `${verb} of a future that is ${model.state}`).toBe(advance(model, verb, value));
          expect(future.state).toBe(model.state);
          if (future.outcome?.status === 'fulfilled') expect(future.outcome.value).toBe(model.result);
          if (future.outcome?.status === 'rejected') expect(future.outcome.reason).toBe(model.result);
        }
        expect(told).toEqual(future.isSettled ? [model.state] : []);
      }),
    );
  });

  it('only the first call of resolve(), reject() or cancel() returns true', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('resolve', 'reject', 'cancel'), { minLength: 1 }), (calls) => {
        const deferred = new Deferred<unknown>();
        const answers = (calls as ('resolve' | 'reject' | 'cancel')[]).map((verb) => deferred[verb]('x'));
        expect(answers).toEqual(calls.map((_, i) => i === 0));
      }),
    );
  });

  it('no call throws, whatever the reason of a cancel is', () => {
    const hostile = fc.constantFrom<unknown>(
      Object.create(null),
      Symbol('why'),
      { toString: () => ({}) },
      {
        get [Symbol.toPrimitive]() {
          throw new Error('in the reason');
        },
      },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), hostile), (reason) => {
        const deferred = new Deferred();
        expect(deferred.cancel(reason)).toBe(true);
        const { outcome } = deferred.future;
        expect(outcome?.status === 'cancelled' && outcome.reason).toBeInstanceOf(CancelledError);
        expect(outcome?.status === 'cancelled' && outcome.reason.cause).toBe(reason);
      }),
    );
  });
});

/**
 * Returns the result that the model expects of a call. `future.cancel` also returns true for a
 * future that is cancelled already, because it reports the state and not whether the call changed
 * it.
 */
function advance(model: { state: string; result: unknown }, verb: Verb, value: unknown): boolean {
  const isSettled = model.state !== 'pending' && model.state !== 'running';
  if (verb === 'start') {
    if (model.state !== 'pending') return false;
    model.state = 'running';
    return true;
  }
  if (isSettled) return verb === 'future.cancel' && model.state === 'cancelled';
  model.state = endings[verb];
  model.result = value;
  return true;
}
