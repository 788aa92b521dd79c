import { Executor } from 'rx-futures';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { continueStack, submitStack } from '../../../src/engine/run/submit-stack.js';
import { runProgram } from '../../support/run-program.js';

const { prepareStackTrace, stackTraceLimit, captureStackTrace } = Error;

afterEach(() => {
  Error.prepareStackTrace = prepareStackTrace;
  Error.stackTraceLimit = stackTraceLimit;
  Error.captureStackTrace = captureStackTrace;
});

/** Changes that a program may make to the stacks of all errors. */
const hooks: readonly [string, unknown][] = [
  ['returns call sites', (_: Error, sites: unknown) => sites],
  ['returns nothing', () => undefined],
  ['returns a number', () => 7],
  [
    'throws',
    () => {
      throw new Error('hook');
    },
  ],
  [
    'returns a value that has no text',
    () => [
      {
        toString() {
          throw new Error('text');
        },
      },
    ],
  ],
];

const nodeOptions: readonly [string, string[]][] = [
  ['here and on the workers', []],
  ['with source maps', ['--enable-source-maps']],
];

describe('submitStack', () => {
  function submit(): string {
    return submitStack(submit);
  }

  it('submitStack() returns the stack of the caller', () => {
    expect(submit().split('\n')[0]).toMatch(/^ {4}at .*submit-stack\.test\.ts:\d+:\d+/);
  });

  it('submitStack() returns the same text if Error.prepareStackTrace returns call sites', () => {
    Error.prepareStackTrace = (_, sites) => sites;
    expect(submit().split('\n')[0]).toMatch(/^ {4}at .*submit-stack\.test\.ts/);
  });

  it.each(hooks)('submitStack() returns a string if Error.prepareStackTrace %s', (_, hook) => {
    Error.prepareStackTrace = hook as never;
    expect(submit()).toBeTypeOf('string');
  });

  it.each<[string, () => void]>([
    ['Error.stackTraceLimit is 0', () => void Reflect.set(Error, 'stackTraceLimit', 0)],
    ['Error.stackTraceLimit is deleted', () => void Reflect.deleteProperty(Error, 'stackTraceLimit')],
    ['Error.stackTraceLimit is no number', () => void Reflect.set(Error, 'stackTraceLimit', 'many')],
  ])('submitStack() returns an empty text if %s', (_, change) => {
    change();
    expect(submit()).toBe('');
  });

  it('submitStack() does not use the Error.captureStackTrace of the program', () => {
    Reflect.deleteProperty(Error, 'captureStackTrace');
    expect(submit()).toMatch(/submit-stack/);
  });
});

describe('continueStack', () => {
  it('continueStack() appends the stack once', () => {
    const error = Object.assign(new Error('lost'), { stack: 'Error: lost' });
    continueStack(error, '    at main');
    continueStack(error, '    at main');
    expect(error.stack).toBe('Error: lost\n    --- submitted ---\n    at main');
    expect(Object.keys(error)).not.toContain('submitted');
  });

  it.each<[string, () => unknown]>([
    ['a frozen error', () => Object.freeze(new Error('lost'))],
    ['an error whose stack throws', () => withStack({ get: fail })],
    ['an error whose stack is no string', () => withStack({ value: 7 })],
    ['an error whose stack cannot be changed', () => withStack({ value: 'Error: lost' })],
    ['a proxy whose traps throw', () => new Proxy(new Error('lost'), { get: fail, defineProperty: fail })],
    ['what is no error', () => 'lost'],
  ])('continueStack() does not change %s', (_, make) => {
    expect(() => continueStack(make(), '    at main')).not.toThrow();
  });
});

describe('an executor with captureStacks', () => {
  it.each(nodeOptions)(
    'an executor runs its tasks and shuts down whatever Error.prepareStackTrace does %s',
    async (_, options) => {
      const program = new URL('../../fixtures/programs/stack-hooks.js', import.meta.url);
      const { code, lines, stderr } = await runProgram(program, { nodeOptions: options });
      const states = 'fulfilled rejected rejected rejected RangeError: lost';
      expect([stderr, code]).toEqual(['', 0]);
      expect(lines).toEqual([
        `sites ${states} true true`,
        `nothing ${states} false false`,
        `number ${states} false false`,
        `throws ${states} false false`,
        `noText ${states} false false`,
      ]);
    },
  );

  it('an executor warns of an unobserved failure whatever Error.prepareStackTrace returns', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const executor = new Executor({ maxWorkers: 1, captureStacks: true });
    executor.submit(() => {
      throw new RangeError('lost');
    });
    await executor.shutdown();
    expect(String(warn.mock.calls[0]?.[0])).toMatch(/RangeError: lost[\s\S]*--- submitted ---\n {4}at/);
    warn.mockRestore();
  });
});

function withStack(descriptor: PropertyDescriptor): Error {
  return Object.defineProperty(new Error('lost'), 'stack', descriptor);
}

function fail(): never {
  throw new Error('trap');
}
