/** Events of a worker machine, for its log: trouble with Redis, and jobs that are refused, taken over or lost. */
import { clearTimeout } from '../../platform/time.js';
import { after } from '../../platform/timers.js';

/** An event of a worker machine. It contains no values of tasks. */
export interface ServeEvent {
  readonly type:
    | 'redis-lost'
    | 'redis-restored'
    /** Redis refused a command, or can't be reached. */
    | 'redis-error'
    /** Futures of the job are rejected, because their tasks can't run on this machine. */
    | 'job-refused'
    /** The job was on a lost machine, and runs here now. */
    | 'job-taken-over'
    /** The job was on a lost machine, and its futures are rejected. */
    | 'job-lost';
  /** Text of one line. */
  readonly message: string;
  /** Number of events of the same kind that were left out since the last one. */
  readonly omitted: number;
}

/** Time in ms after an event in which events of the same kind are left out. */
const PAUSE = 10_000;

type Listener = (event: ServeEvent) => void;

export class Notices {
  readonly #listener: Listener | undefined;
  /** Events that were left out, by kind. The last one of each kind is emitted when the pause is over. */
  readonly #recent = new Map<string, { omitted: number; last?: ServeEvent; timer: NodeJS.Timeout }>();

  constructor(listener: Listener | undefined) {
    this.#listener = listener;
  }

  /** Emits the event, unless one of the same type and `kind` was emitted a short time ago. */
  publish(type: ServeEvent['type'], message: string, kind = ''): void {
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

  /** Catches errors of the listener, because a broken log must not stop the machine. */
  #call(event: ServeEvent): void {
    try {
      this.#listener!(event);
    } catch (error) {
      process.emitWarning(`onEvent of serveTasks() threw: ${error}`, 'RxFuturesWarning');
    }
  }
}
