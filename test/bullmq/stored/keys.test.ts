import { expect, it } from 'vitest';
import { Keys } from '../../../src/bullmq/stored/keys.js';

const namesOf = (keys: Keys) => [
  keys.job('7'),
  keys.lock('7'),
  keys.active,
  keys.rules,
  keys.inbox('c'),
  keys.alive('c'),
  keys.orders,
  keys.outcome(7),
  keys.known(7),
];

it('all keys of a queue are different, and start with the prefix and the name of the queue', () => {
  const names = namesOf(new Keys('bull', 'pages'));
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !name.startsWith('bull:pages:'))).toEqual([]);
});

it('two queues share no key', () => {
  const others = new Set(namesOf(new Keys('bull', 'images')));
  expect(namesOf(new Keys('bull', 'pages')).filter((name) => others.has(name))).toEqual([]);
});

it('the keys of BullMQ have the names that BullMQ gives them', () => {
  const keys = new Keys('bull', 'pages');
  expect([keys.job('7'), keys.lock('7'), keys.active]).toEqual([
    'bull:pages:7',
    'bull:pages:7:lock',
    'bull:pages:active',
  ]);
});
