import fc from 'fast-check';
import { Future, transfer } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { cloneFault } from '../../src/protocol/clone-fault.js';

const throwing = (name: string) =>
  Object.defineProperty({}, name, {
    enumerable: true,
    get() {
      throw new Error('in the getter');
    },
  });

describe('cloneFault', () => {
  it.each<[unknown, string]>([
    [{ handlers: [() => {}] }, 'result.handlers[0] is a function'],
    [{ onClick() {} }, 'result.onClick is the function "onClick"'],
    [class Page {}, 'result is the function "Page"'],
    [Symbol('id'), 'result is a symbol'],
    [{ id: Symbol('id') }, 'result.id is a symbol'],
    [[1, Promise.resolve(2)], 'result[1] is a Promise'],
    [{ pages: [Future.resolve(1)] }, 'result.pages[0] is a Future'],
    [{ bytes: transfer(new Uint8Array(1)) }, 'result.bytes is a transfer() inside a larger value'],
    [{ seen: new WeakMap() }, 'result.seen is a WeakMap'],
    [{ 'a-b': { ü: () => {} } }, 'result["a-b"].ü is the function "ü"'],
    [{ 1: Symbol('x') }, 'result["1"] is a symbol'],
    [new Map([['a b', { f: [() => {}] }]]), 'result.get("a b").f[0] is a function'],
    [new Map([[Symbol('key'), 1]]), 'result.keys()[0] is a symbol'],
    [new Set([1, () => {}]), 'result.values()[1] is a function'],
    [{ get late() { return [Symbol('x')]; } }, 'result.late[0] is a symbol'], // biome-ignore format: one case a line
    [Object.assign(Object.create(null), { deep: { er: Symbol('x') } }), 'result.deep.er is a symbol'],
    [[new (class URLCache extends WeakMap {})()], 'result[0] is a URLCache'],
    [gone(new Uint8Array(1)), 'result was transferred before, so it is empty here'],
    [[gone(new Uint8Array(1)).buffer], 'result[0] was transferred before, so it is empty here'],
    [{ view: gone(new DataView(new ArrayBuffer(1))) }, 'result.view was transferred before, so it is empty here'],
  ])('cloneFault() returns the path to the fault in %o', (value, fault) => {
    expect(faultOf(value, 'result')).toBe(fault);
  });

  it('the path starts with the name of the value', () => {
    expect(faultOf(() => {}, 'arguments[2]')).toBe('arguments[2] is a function');
  });

  it('cloneFault() finds a fault behind a cycle and behind shared parts', () => {
    const shared = { a: 1 };
    const round: Record<string, unknown> = { shared, again: shared };
    round['self'] = round;
    round['late'] = [shared, Symbol('x')];
    expect(faultOf(round, 'result')).toBe('result.late[1] is a symbol');
  });

  it('cloneFault() recognizes an object that can be moved, but not copied', () => {
    expect(faultOf({ port: new MessageChannel().port1 }, 'result')).toBe(
      'result.port is a MessagePort, which can be moved, but not copied',
    );
  });

  it('cloneFault() ignores moved parts and finds faults beside them', () => {
    const { port1, port2 } = new MessageChannel();
    const bytes = new Uint8Array(1);
    expect(cloneFault({ port1, bytes, deep: { f() {} } }, 'result', [port1, bytes.buffer])).toEqual({
      path: 'result.deep.f',
      what: 'is the function "f"',
    });
    expect(cloneFault({ port1, deep: { port2 } }, 'result', [port1])?.path).toBe('result.deep.port2');
    expect(cloneFault({ port1, deep: { port2 } }, 'result', [port1, port2])).toBeUndefined();
  });

  it('cloneFault() names the kind of a host object', () => {
    expect(faultOf({ g: (function* () {})() }, 'result')).toMatch(/^result\.g is an? \w+/);
    expect(faultOf({ p: new Proxy({}, {}) }, 'result')).toMatch(/^result\.p is an? \w+/);
  });

  it.each<[string, unknown]>([
    ['a getter that throws', { deep: throwing('bad') }],
    ['a Map with a key without a string form', new Map([[Object.create(null), () => {}]])],
    ['a proxy whose traps throw', { p: new Proxy({}, { ownKeys: () => fail() }) }],
    ['a constructor that throws when looked at', Object.assign(Promise.resolve(), { constructor: throwing('name') })],
  ])('cloneFault() returns a fault for %s and does not throw', (_name, value) => {
    expect(faultOf(value, 'result')).toMatch(/^result/);
  });

  it('cloneFault() finds the getter that throws', () => {
    expect(faultOf({ deep: throwing('bad') }, 'result')).toMatch(/^result\.deep\.bad /);
  });

  it('cloneFault() finds no fault in a value that structuredClone can copy', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withMap: true, withSet: true, withTypedArray: true }), (value) => {
        expect(faultOf(value, 'result')).toBe(clones(value) ? undefined : expect.any(String));
      }),
    );
  });
});

/** The path and the fault, as they appear in messages. */
function faultOf(value: unknown, root: string): string | undefined {
  const fault = cloneFault(value, root);
  return fault === undefined ? undefined : `${fault.path} ${fault.what}`;
}

/** Transfers the buffer of a view and returns the view. */
function gone<T extends ArrayBufferView>(view: T): T {
  structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
  return view;
}

function clones(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

function fail(): never {
  throw new Error('in the trap');
}
