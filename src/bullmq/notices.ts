/** Events of a worker machine, for its log: what happens to Redis, and to jobs that it does not simply run. */
import { clearTimeout } from '../time.js';
import { after } from '../timers.js';

/** An event of a worker machine. It has no values of tasks. */
export interface ServeEvent {
  readonly type:
    | 'redis-lost'
    | 'redis-restored'
    /** Redis has refused a command, or can't be reached. */
    | 'redis-error'
    /** The futures of the job, or some of them, are rejected, and nothing of those ran. */
    | 'job-refused'
    /** The job was on a machine that was lost, and runs here. */
    | 'job-taken-over'
    /** The job was on a machine that was lost, and its futures are rejected. */
    | 'job-lost';
  /** One line. */
  readonly message: string;
  /** Events of the same kind that were left out since the last one. */
  readonly omitted: number;
}

/** ms in which events of the same kind are left out after the first one. */
const PAUSE = 10_000;

type Listener = (event: ServeEvent) => void;

export class Notices {
  readonly #listener: Listener | undefined;
  /** Kinds of events of the last ms, and how many of each were left out. The last of these is told when the pause is over. */
  readonly #recent = new Map<string, { omitted: number; last?: ServeEvent; timer: NodeJS.Timeout }>();

  constructor(listener: Listener | undefined) {
    this.#listener = listener;
  }

  /** `kind` tells events apart that are no repetition of each other. */
  tell(type: ServeEvent['type'], message: string, kind = ''): void {
    if (this.#listener === undefined) return;
    const key = `${type} ${kind}`;
    const event = { type, message, omitted: 0 };
    const recent = this.#recent.get(key);
    if (recent !== undefined) {
      recent.omitted++;
      recent.last = event;
      return;
    }
    this.#start(key);
    this.#call(event);
  }

  close(): void {
    for (const { timer } of this.#recent.values()) clearTimeout(timer);
    this.#recent.clear();
  }

  #start(key: string): void {
    const timer = after(PAUSE, () => {
      const { omitted, last } = this.#recent.get(key)!;
      this.#recent.delete(key);
      if (last === undefined) return;
      this.#start(key);
      this.#call({ ...last, omitted: omitted - 1 });
    });
    this.#recent.set(key, { omitted: 0, timer: timer.unref() });
  }

  /** A log that fails stops no machine. */
  #call(event: ServeEvent): void {
    try {
      this.#listener!(event);
    } catch (error) {
      process.emitWarning(`onEvent of serveTasks() threw: ${error}`, 'RxFuturesWarning');
    }
  }
}
