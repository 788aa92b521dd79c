/** The parts of an actor. */
import type { Step } from '../../scheduling/job/job.js';
import type { Engine } from '../engine.js';
import type { TaskOptions } from '../handles/task-options.js';

export interface ActorPlan {
  readonly engine: Engine;
  readonly id: number;
  /** Class and number, such as `Counter-1`. */
  readonly name: string;
  readonly construct: Step;
  readonly dispose: Step;
  /** Called when the actor no longer needs the arguments of its constructor. */
  readonly release: () => void;
  /** Maximum number of restarts. */
  readonly restart: number;
  readonly concurrency: number;
  /** Options of the constructor. */
  readonly options: TaskOptions;
}
