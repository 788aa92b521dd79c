/**
 * The shared values that one worker has. Sends each value once, before the first job that needs it.
 *
 * The order of messages makes this safe. A job is posted after its values. A value is freed on the
 * worker when the futures of all jobs that use it have settled. If the worker still has one of
 * these jobs, the job was revoked or cancelled, or has received its arguments.
 */
import type { Session } from '../../backends/backend.js';
import { explainUnclonable } from '../../protocol/clone-fault.js';
import type { Job } from '../job/job.js';
import type { SharedData, SharedHolder } from '../job/shared-data.js';

export class SharedCopies implements SharedHolder {
  readonly #session: Session;
  readonly #sent = new Set<SharedData>();

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Sends the values that the jobs need and the worker lacks.
   *
   * @throws SerializationError for a value that can't be sent to a process
   */
  sendFor(jobs: readonly Job[]): void {
    for (const { shared = [] } of jobs) for (const { data } of shared) if (!this.#sent.has(data)) this.#send(data);
  }

  unshare(data: SharedData): void {
    this.#sent.delete(data);
    this.#session.post({ type: 'unshare', id: data.id });
  }

  /** Called when the worker has ended, and its copies with it. */
  clear(): void {
    for (const data of this.#sent) data.lostBy(this);
    this.#sent.clear();
  }

  #send(data: SharedData): void {
    try {
      this.#session.post({ type: 'share', id: data.id, value: data.value });
    } catch (error) {
      throw explainUnclonable(data.value, data.name, error);
    }
    this.#sent.add(data);
    data.sentTo(this);
  }
}
