import { BrokenExecutorError, QueueFullError, SerializationError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { adviceOn, codeOf, isReply, isTemporary, oneLine, refusal } from '../../../src/bullmq/redis/redis-error.js';

/** An error as ioredis makes it from a reply of Redis. */
function reply(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

describe('the refusals of Redis', () => {
  it('a full Redis is a QueueFullError that names the queue, the reason and the next step', () => {
    const error = refusal(reply("OOM command not allowed when used memory > 'maxmemory'."), 'pages');
    expect(error).toBeInstanceOf(QueueFullError);
    expect(error.message).toMatch(
      /^The queue "pages" did not accept the task: OOM .* Raise maxmemory,.* submit the task again/,
    );
  });

  it.each([
    ["READONLY You can't write against a read only replica.", 'Connect to the primary'],
    ['NOPERM this user has no permissions', 'Grant the user'],
    ['MOVED 3999 127.0.0.1:6381', 'Connect to a Redis without cluster mode'],
    ['ERR max number of clients reached', 'Raise maxclients'],
    ['ERR something unknown', 'Check the log of Redis'],
  ])('the refusal "%s" is a BrokenExecutorError that advises: %s', (message, advice) => {
    const error = refusal(reply(message), 'pages');
    expect(error).toBeInstanceOf(BrokenExecutorError);
    expect(error.message).toContain(advice);
    expect(error.message).toMatch(/the executor is still open\.$/);
  });

  it('an error of this library is passed on as it is', () => {
    const error = new SerializationError('no clone', { path: 'arguments[0]' });
    expect(refusal(error, 'pages')).toBe(error);
  });

  it('the cause contains no arguments of tasks', () => {
    const error = Object.assign(reply("ERR unknown command, with args beginning with: 'secret'"), {
      command: 'secret',
    });
    const { cause, message } = refusal(error, 'pages') as { cause: Error; message: string };
    expect(cause).not.toHaveProperty('command');
    expect([cause.message, message].join()).not.toContain('secret');
    expect(oneLine(error.message)).toBe('ERR unknown command');
  });

  it('a code is found at the start of a reply, and behind the name of a script', () => {
    const script = reply('ERR Error running script (call to f_1): @user_script:1: -OOM command not allowed');
    expect([codeOf(script), codeOf(reply('NOAUTH Authentication required.'))]).toEqual(['OOM', 'NOAUTH']);
    expect(codeOf(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
    expect(codeOf(new RangeError('odd'))).toBe('RangeError');
  });

  it('only a reply whose reason can pass is temporary', () => {
    expect([reply('OOM full'), reply('LOADING Redis is loading')].map(isTemporary)).toEqual([true, true]);
    const lasting = [reply('NOAUTH no'), reply('ERR odd'), new Error('OOM full'), 'OOM full'];
    expect(lasting.map(isTemporary)).toEqual([false, false, false, false]);
    expect([isReply(reply('ERR odd')), isReply(new Error('odd'))]).toEqual([true, false]);
  });

  it('the advice for a log is empty if the refusal is unknown', () => {
    expect(adviceOn(reply('LOADING Redis is loading'))).toBe(
      ' Redis is still loading its data. Wait until it is ready.',
    );
    expect(adviceOn(reply('ERR odd'))).toBe('');
  });
});
