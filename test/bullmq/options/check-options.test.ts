import { describe, expect, it } from 'vitest';
import { checkClientOptions } from '../../../src/bullmq/options/backend-options.js';
import { checkServeOptions } from '../../../src/bullmq/options/serve-options.js';

const address = { connection: 'redis://localhost', queue: 'crawl' };

const ofAddress: [options: object, message: string][] = [
  [{ queue: undefined }, 'option "queue": expected the name of a queue, without a colon, got undefined'],
  [{ queue: 'a:b' }, 'option "queue": expected the name of a queue, without a colon, got "a:b"'],
  [{ prefix: '' }, 'option "prefix": expected a string that is not empty, got ""'],
  [{ maxPayload: 0 }, 'option "maxPayload": expected an integer, 1 or more, got 0'],
  [{ connectTimeout: 2 ** 53 }, 'option "connectTimeout": expected an integer, 1 or more, got 9007199254740992'],
];

describe('the options of bullmqBackend()', () => {
  it.each<[options: object, message: string]>([
    ...ofAddress,
    [{ keepResults: '1h' }, 'option "keepResults": expected an integer, 1 or more, got "1h"'],
    [{ giveUpAfter: 0 }, 'option "giveUpAfter": expected a number of ms, more than 0, or Infinity, got 0'],
    [{ quue: 'a' }, 'unknown option "quue". Use one of: connection, queue, prefix, keepResults'],
  ])('bullmqBackend() refuses %o, and names the option', (options, message) => {
    expect(() => checkClientOptions({ ...address, ...options })).toThrow(`bullmqBackend(): ${message}`);
  });

  it('bullmqBackend() fills in the defaults of options that are missing or undefined', () => {
    const { giveUpAfter, prefix } = checkClientOptions({ ...address, giveUpAfter: Infinity, prefix: undefined });
    expect([giveUpAfter, prefix]).toEqual([Infinity, 'bull']);
  });
});

describe('the options of serveTasks()', () => {
  const tasks = new URL('./tasks.js', import.meta.url);

  it.each<[options: object, message: string]>([
    ...ofAddress,
    [{ tasks: undefined }, 'option "tasks": expected the URL or path of the task module, got undefined'],
    [{ lostAfter: 1.5 }, 'option "lostAfter": expected an integer, 1 or more, got 1.5'],
    [{ rerunLost: -1 }, 'option "rerunLost": expected an integer, 0 or more, got -1'],
    [{ onEvent: 'log' }, 'option "onEvent": expected a function, got "log"'],
    [{ maxQueue: 1 }, 'option "maxQueue" has no effect on a server. Pass it to the executor of the client.'],
  ])('serveTasks() refuses %o, and names the option', (options, message) => {
    expect(() => checkServeOptions({ ...address, tasks, ...options })).toThrow(`serveTasks(): ${message}`);
  });

  it('serveTasks() refuses the options of threads as an Executor does', () => {
    expect(() => checkServeOptions({ ...address, tasks, maxWorkers: 0 })).toThrow(
      'Executor: option "maxWorkers": expected an integer, 1 or more, got 0',
    );
  });
});
