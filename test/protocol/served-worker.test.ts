/** The messages by which an executor finds a worker that serves its thread, and opens a session. */
import { describe, expect, it } from 'vitest';
import { FIND, isHandshake, openRequest, SERVING } from '../../src/protocol/served-worker.js';

const types = ['find', 'serving', 'open'] as const;

describe('a handshake', () => {
  it.each([
    ['find', FIND],
    ['serving', SERVING],
    ['open', openRequest({ port: 1 })],
  ])('a message of type "%s" is recognized as that type alone, also after it was cloned', (type, message) => {
    expect(types.filter((each) => isHandshake(message, each))).toEqual([type]);
    expect(types.filter((each) => isHandshake(structuredClone(message), each))).toEqual([type]);
  });

  it('an open request carries what the worker receives', () => {
    expect(openRequest({ port: 1 }).request).toEqual({ port: 1 });
  });

  it.each([
    ['null', null],
    ['undefined', undefined],
    ['a text', 'find'],
    ['an empty object', {}],
    ['an object with another property', { type: 'find' }],
    ['another value of the same property', { rxFutures: true }],
  ])('%s is not a handshake, because a program may send it through the same port', (_, message) => {
    expect(types.filter((type) => isHandshake(message, type))).toEqual([]);
  });
});
