import { readFile } from 'node:fs/promises';
import { currentTask } from 'rx-futures/worker';
import { deliver } from './mailer.js';

export const add = (a, b) => a + b;
export const double = async (value) => value * 2;
export const echo = (value) => value;
export const exit = (code) => process.exit(code);
export const ownName = () => currentTask().name;
export const readItself = () => readFile('package.json').then((bytes) => bytes.length);
export const send = (to) => deliver(to);
export const sum = (bytes) => bytes.reduce((total, byte) => total + byte, 0);
export const wait = () => new Promise((resolve) => currentTask().signal.addEventListener('abort', resolve));

export function fail(message) {
  throw new TypeError(message);
}

export function greet(name) {
  return `hello ${name}`;
}
