/** Events of a server for its log. Repeated events are omitted. */
import { clearTimeout } from '#platform/time';
import { after } from '#platform/timers';

/** Events of the jobs of any queue. A transport adds events of its own. */
export type JobNotice =
  /** The futures of the job were rejected, because their tasks can't run on this server. */
  | 'job-refused'
  /** The server of the job was lost, and the job now runs on this server. */
  | 'job-taken-over'
  /** The server of the job was lost, and the futures of the job were rejected. */
  | 'job-lost';

/** The part of a log that a server uses. */
export interface JobLog {
  publish(type: JobNotice, message: string, kind?: string): void;
  close(): void;
}

/** An event. It contains no values of tasks. */
interface Notice<Type> {
  readonly type: Type;
  /** Text of one line. */
  readonly message: string;
  /** Number of events of the same kind that were omitted since the last one. */
  readonly omitted: number;
}

/** Time in ms after an event in which events of the same kind are omitted. */
const REPEAT_PAUSE = 10_000;

type Listener<Type> = (event: Notice<Type>) => void;

export class Notices<Type extends string> {
  readonly #listener: Listener<Type> | undefined;
  /**
   * The kinds of event that were emitted a short time ago, with the events that were omitted since.
   * The last omitted event of each kind is emitted after the pause.
   */
  readonly #recent = new Map<string, { omitted: number; last?: Notice<Type>; timer: NodeJS.Timeout }>();

  constructor(listener: Listener<Type> | undefined) {
    this.#listener = listener;
  }

  /** Emits the event, unless one of the same type and `kind` was emitted a short time ago. */
  publish(type: Type, message: string, kind = ''): void {
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
    const timer = after(REPEAT_PAUSE, () => {
      const { omitted, last } = this.#recent.get(key)!;
      this.#recent.delete(key);
      if (last === undefined) return;
      this.#start(key);
      this.#call({ ...last, omitted: omitted - 1 });
    });
    this.#recent.set(key, { omitted: 0, timer: timer.unref() });
  }

  /** Catches errors of the listener, because a broken log must not stop the server. */
  #call(event: Notice<Type>): void {
    try {
      this.#listener!(event);
    } catch (error) {
      process.emitWarning(
        `The onEvent function of serveTasks() threw an error: ${error}. Catch it in the function.`,
        'RxFuturesWarning',
      );
    }
  }
}
