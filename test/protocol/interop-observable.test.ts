import { expect, it, onTestFinished } from 'vitest';
import { interopMethod } from '../../src/protocol/interop-observable.js';

it("an object with a method under '@@observable' is an Observable of another library", () => {
  const method = () => ({});
  expect(interopMethod({ '@@observable': method })).toBe(method);
  expect(interopMethod(Object.assign(() => {}, { '@@observable': method }))).toBe(method);
});

it('a polyfilled Symbol.observable counts too', () => {
  const key = Symbol('observable');
  Object.defineProperty(Symbol, 'observable', { value: key, configurable: true });
  onTestFinished(() => void Reflect.deleteProperty(Symbol, 'observable'));
  const method = () => ({});
  expect(interopMethod({ [key]: method })).toBe(method);
});

it('no other value is an Observable of another library', () => {
  for (const value of [undefined, null, 1, 'text', {}, [], () => {}, { '@@observable': true }])
    expect(interopMethod(value)).toBeUndefined();
});
