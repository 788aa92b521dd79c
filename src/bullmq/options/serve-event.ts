/** Events of `serveTasks()`, for its log. */
/** An event of a server. It contains no values of tasks. */
export interface ServeEvent {
  readonly type:
    | 'redis-lost'
    | 'redis-restored'
    /** Redis refused a command, or can't be reached. */
    | 'redis-error'
    /** The futures of the job were rejected, because their tasks can't run on this server. */
    | 'job-refused'
    /** The server of the job was lost, and the job now runs on this server. */
    | 'job-taken-over'
    /** The server of the job was lost, and the futures of the job were rejected. */
    | 'job-lost';
  /** Text of one line. */
  readonly message: string;
  /** Number of events of the same kind that were omitted since the last one. */
  readonly omitted: number;
}
