/** Events of `serveTasks()`, for its log. */

/** An event of a server. It contains no values of tasks. */
export interface ServeEvent {
  /**
   * - `redis-lost`, `redis-restored`: a connection to Redis was lost or restored.
   * - `redis-error`: Redis refused a command, or can't be reached.
   * - `job-refused`: the futures of the job were rejected, because their tasks can't run here.
   * - `job-taken-over`: the server of the job was lost, and the job now runs on this server.
   * - `job-lost`: the server of the job was lost, and the futures of the job were rejected.
   */
  readonly type: 'redis-lost' | 'redis-restored' | 'redis-error' | 'job-refused' | 'job-taken-over' | 'job-lost';
  /** Text of one line. */
  readonly message: string;
  /** Number of events of the same kind that were omitted since the last one. */
  readonly omitted: number;
}
