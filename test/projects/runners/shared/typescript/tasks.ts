import { readFile } from 'node:fs/promises';
import { currentTask } from 'rx-futures/worker';
import { deliver } from './mailer';

export function add(a: number, b: number): number {
  return a + b;
}

export async function double(value: number): Promise<number> {
  return value * 2;
}

export function echo<T>(value: T): T {
  return value;
}

export function exit(code: number): never {
  return process.exit(code);
}

export function fail(message: string): never {
  throw new TypeError(message);
}

export function greet(name: string): string {
  return `hello ${name}`;
}

export function ownName(): string {
  return currentTask().name;
}

export function readItself(): Promise<number> {
  return readFile('package.json').then((bytes) => bytes.length);
}

export function send(to: string): string {
  return deliver(to);
}

export function sum(bytes: Uint8Array): number {
  return bytes.reduce((total, byte) => total + byte, 0);
}

export function wait(): Promise<unknown> {
  return new Promise((resolve) => currentTask().signal.addEventListener('abort', resolve));
}
