/** Runs on workers: every function that this module exports is a task. */
import { isMainThread } from 'node:worker_threads';

export function greet(name: string): string {
  return `Hello, ${name}! On the main thread: ${isMainThread}`;
}
