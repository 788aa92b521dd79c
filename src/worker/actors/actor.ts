/** One actor on this worker: its object, and how many of its job trees run. */
import type { Cells } from '../../protocol/messages.js';

/** A job tree of an actor that has arrived. */
export interface ActorTree {
  readonly cells: Cells;
  readonly start: number;
  readonly end: number;
  readonly args: readonly unknown[];
  readonly actor: Actor;
}

export class Actor {
  /** The object that the class has constructed. Undefined before and after its life. */
  object: object | undefined = undefined;
  /** Maximum number of job trees that run at the same time. */
  concurrency = 1;
  running = 0;
  /** Trees that wait until another one has ended, in the order of their arrival. */
  readonly waiting: ActorTree[] = [];

  constructor(
    readonly id: number,
    readonly actors: { delete(id: number): void },
  ) {}
}

/** Returns true for the lane of a task that belongs to an actor. The lane of a key is the key. */
export function isActor(value: unknown): value is Actor {
  return typeof value === 'object';
}
