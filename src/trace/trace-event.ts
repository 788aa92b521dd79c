/**
 * The Trace Event Format of Chrome, as far as a recording uses it
 * (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU).
 */

/** One event of a trace. */
export interface TraceEvent {
  /** The name that a viewer shows, such as that of the task. */
  readonly name: string;
  /**
   * The kind of event. `M`: the name of a process or thread. `X`: a slice. `b` and `e`: the start
   * and the end of a wait. `i`: a moment. `s`, `t` and `f`: the start, a step and the end of an
   * arrow from slice to slice.
   */
  readonly ph: 'M' | 'X' | 'b' | 'e' | 'i' | 's' | 't' | 'f';
  /** `task`, `queue`, `worker`, `actor` or `__metadata`. */
  readonly cat: string;
  /** Time in microseconds since the first event. */
  readonly ts: number;
  /** Length of a slice in microseconds. */
  readonly dur?: number;
  /** Id of the process. */
  readonly pid: number;
  /** Number of the row. 0 is the queue. */
  readonly tid: number;
  /** Joins the start and the end of a wait, and the events of an arrow. */
  readonly id?: string | number;
  /** The scope of a moment: its thread. */
  readonly s?: 't';
  /** The arrow ends at the slice that encloses the event. */
  readonly bp?: 'e';
  /** A color, by the name that the viewer of Chrome has for it. Perfetto has its own colors. */
  readonly cname?: string;
  /** Facts that a viewer shows beside the event, such as the `id` of the future. */
  readonly args?: Readonly<Record<string, unknown>>;
}

/** The content of a trace file. */
export interface TraceFile {
  /** All events. Names come first, then slices, moments, waits and arrows. */
  readonly traceEvents: readonly TraceEvent[];
  /** The unit in which a viewer shows times. */
  readonly displayTimeUnit: 'ms';
  /** Facts about the recording. */
  readonly otherData: {
    /** The name of the executor. */
    readonly executor: string;
    /** The time of the first event, in ms since the epoch. */
    readonly start: number;
    /** Number of slices that are missing, because `maxSlices` was reached. */
    readonly dropped: number;
  };
}
