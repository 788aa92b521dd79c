/** The listener of tinypool on the public port of a worker. */
import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { dismissTinypool } from '../../../src/backends/tinypool/dismiss.js';

/** A port that has a listener of tinypool, behind `preloaded` listeners of other modules. */
function portWith(preloaded: number) {
  const port = new EventEmitter();
  const called: string[] = [];
  for (let i = 0; i < preloaded; i++) port.on('message', () => called.push('preloaded'));
  port.on('message', () => called.push('tinypool'));
  return { port, called };
}

it.each([0, 2])('tinypool’s listener is removed, and those of %i preloaded modules stay', (preloaded) => {
  const { port, called } = portWith(preloaded);
  dismissTinypool(port, port.listeners('message'));
  port.emit('message', 'of a program');
  expect(called).toEqual(new Array(preloaded).fill('preloaded'));
});

it('listeners that were added after tinypool started stay', () => {
  const { port, called } = portWith(0);
  const listeners = port.listeners('message');
  port.on('message', () => called.push('later'));
  dismissTinypool(port, listeners);
  port.emit('message', 'of a program');
  expect(called).toEqual(['later']);
});

it('a port without listeners is left as it is', () => {
  const port = new EventEmitter();
  dismissTinypool(port, []);
  expect(port.listenerCount('message')).toBe(0);
});
