/** The task module of example 01. Workers load it, and every exported function is a task. */
import { isMainThread } from 'node:worker_threads';

export function greet(name: string): string {
  return `Hello, ${name}! On the main thread: ${isMainThread}`;
}
