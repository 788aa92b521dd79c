import { describe, expect, it } from 'vitest';
import { framesOf, fullTextOf, headlineOf, stackOf } from '../../src/protocol/error-text.js';

const withStack = (stack: unknown) => Object.defineProperty(new TypeError('x is odd'), 'stack', { value: stack });
const hostile = Object.defineProperty(new Error('x'), 'stack', {
  get() {
    throw new Error('in the getter');
  },
});

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe('stackOf', () => {
  it('a stack that is a text is returned as it is', () => {
    expect(stackOf(withStack('TypeError: x\n    at f'))).toBe('TypeError: x\n    at f');
  });

  it('call sites of Error.prepareStackTrace become a text', () => {
    expect(stackOf(withStack(['f (a.js:1:2)', 'g']))).toBe('TypeError: x is odd\n    at f (a.js:1:2)\n    at g');
  });

  it.each<[what: string, error: object]>([
    ['a stack of another type', withStack(5)],
    ['no stack', {}],
    ['a getter that throws', hostile],
    ['call sites without a text', withStack([Object.create(null)])],
  ])('there is no text for %s', (_, error) => {
    expect(stackOf(error)).toBe(undefined);
  });
});

/** Stacks of Firefox and Safari, which have no headline. */
const withoutHeadline = [
  'f@http://localhost/a.js:1:2\ng@http://localhost/a.js:3:4',
  '@http://localhost/a.js:1:2',
  'async*f@http://localhost/a.js:1:2',
  'forEach@[native code]\nf@http://localhost/a.js:1:2',
];

describe('framesOf', () => {
  it.each([
    'TypeError: x is odd\n    at f (a.js:1:2)',
    'Error: a@b\n    at f (a.js:1:2)',
    'Error: no connection to admin@example.org:5432\n    at f (a.js:1:2)',
    'admin@example.org:5432\n    at f (a.js:1:2)',
  ])('the frames of %j are its lines below the headline', (stack) => {
    expect(framesOf(stack)).toBe('    at f (a.js:1:2)');
  });

  it.each(withoutHeadline)('the frames of %j are all its lines', (stack) => {
    expect(framesOf(stack)).toBe(stack);
  });

  it.each(['', 'Error'])('%j has no frames', (stack) => {
    expect(framesOf(stack)).toBe('');
  });
});

describe('fullTextOf', () => {
  it.each(['TypeError: x\n    at f', 'Error: no connection to admin@example.org:5432\n    at f'])(
    'the full text of an error is its stack %j, which has a headline',
    (stack) => {
      expect(fullTextOf(withStack(stack))).toBe(stack);
    },
  );

  it.each(withoutHeadline)('the full text of an error with the stack %j starts with its headline', (stack) => {
    expect(fullTextOf(withStack(stack))).toBe(`TypeError: x is odd\n${stack}`);
  });

  it('the full text of an error with an empty stack is its headline', () => {
    expect(fullTextOf(withStack(''))).toBe('TypeError: x is odd');
  });

  it('there is no full text without a stack', () => {
    expect(fullTextOf(hostile)).toBe(undefined);
  });
});

describe('headlineOf', () => {
  it.each<[what: string, value: unknown, text: string]>([
    ['an error', new RangeError('too far'), 'RangeError: too far'],
    ['an error with another name', Object.assign(new Error('lost'), { name: 'PageError' }), 'PageError: lost'],
    ['an error whose name is not a text', Object.assign(new Error('lost'), { name: 5 }), 'lost'],
    ['a text', 'out of paper', 'out of paper'],
    ['nothing', undefined, 'undefined'],
    ['a revoked Proxy', revokedProxy(), 'an error without a text'],
  ])('the headline of %s is its text', (_, value, text) => {
    expect(headlineOf(value)).toBe(text);
  });
});
