/** The option `report` of `serveTasks()`, and its checks. */
import { boolean, type Checks } from '../../util/validate.js';

/**
 * Selects the data that a server writes about each job for dashboards such as bull-board.
 * Everything is off by default: it costs commands, and the dashboard then shows values of tasks.
 */
export interface ReportOptions {
  /**
   * The result of the job, as its return value in BullMQ. At most 1,000 characters of JSON; of a
   * longer result only its size.
   * @default false
   */
  readonly results?: boolean;
  /**
   * The last progress of the job, at most every 500 ms. At most 1,000 characters of JSON.
   * @default false
   */
  readonly progress?: boolean;
  /**
   * A log of the job: its server, each retry with its error, and the end of each task. The last 100
   * lines.
   * @default false
   */
  readonly logs?: boolean;
}

export const reportChecks: Checks<ReportOptions> = { results: boolean, progress: boolean, logs: boolean };
