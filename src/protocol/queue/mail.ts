/** The mail of a server to a client. One message of a transport carries all of it. */

/** Everything that a server sends to one client in one tick. It takes effect in this order. */
export interface Mail {
  readonly client: string;
  /** Outcomes to store, so that a client that receives an outcome message finds the outcome. */
  readonly outcomes: readonly { readonly id: number; readonly text: string }[];
  /** Ids of jobs in which the name of this server is noted. */
  readonly claimed: readonly string[];
  /** Futures whose notes expire together with their outcomes. */
  readonly settled: readonly number[];
  /** A text for the inbox, which contains messages. It may be empty. */
  readonly text: string;
  readonly starts: readonly StartNote[];
  /** Time in ms that the inbox outlives its last message, and that the outcomes are stored. */
  readonly keep: number;
}

/** Notes how many trees of a job may have started. Refused if another server holds the job. */
export interface StartNote {
  readonly job: string;
  readonly token: string;
  readonly count: number;
}
