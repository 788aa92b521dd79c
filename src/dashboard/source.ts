/** The port of a dashboard to what it shows: an executor of this process, or a queue. */
import type { Action, ActionResult, FailureRow, SourceFrame } from './frames.js';

export interface Source {
  readonly name: string;
  /** Starts to observe. Called when the first page is connected. */
  open(): void;
  /** Stops to observe. From now on the source costs nothing. */
  close(): void;
  /**
   * Returns what has happened since the last call.
   *
   * @param isFull whether the tables are part of the frame
   */
  frame(isFull: boolean): SourceFrame;
  /** The last failures of earlier frames. */
  readonly failures: readonly FailureRow[];
  act(action: Action): ActionResult | Promise<ActionResult>;
  /** Ends the source, with everything that it has registered. */
  dispose(): void | Promise<void>;
}
