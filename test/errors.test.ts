import * as library from 'rx-futures';
import { describe, expect, it } from 'vitest';
import * as all from '../src/errors.js';

const classes = Object.entries(all).filter(([name]) => name.endsWith('Error') && name !== 'RxFuturesError') as [
  string,
  new (message: string, options?: object) => all.RxFuturesError,
][];

describe('the error classes', () => {
  it.each(classes)('%s has its name, a stable code and the common base class', (name, Type) => {
    const error = new Type('what happened', { workerName: 'crew-1', path: 'arguments', exports: [] });
    expect(error).toBeInstanceOf(all.RxFuturesError);
    expect(error.name).toBe(name);
    expect(error.code).toBe(
      `ERR_${name
        .replace(/Error$/, '')
        .replace(/(?<!^)[A-Z]/g, '_$&')
        .toUpperCase()}`,
    );
    expect(error.message).toBe('what happened');
    expect(library).toHaveProperty(name, Type);
  });

  it('an error has a `cause` only if there is one', () => {
    expect(new all.WorkerDiedError('lost', { workerName: 'crew-1' })).not.toHaveProperty('cause');
    expect(new all.WorkerDiedError('lost', { workerName: 'crew-1', cause: 'why' }).cause).toBe('why');
    expect(new all.SerializationError('lost', { path: 'result' })).not.toHaveProperty('cause');
  });
});
