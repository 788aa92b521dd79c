/**
 * The links from one worker to the workers that read its streams. A link is made when it is first
 * needed, and all streams between the two workers share it.
 *
 * A job of a stream names its link by a number, so the job may move to another worker until it
 * starts. A port as an argument could be sent only once.
 */
import type { JobOutput, JobWorker } from '../job/job.js';

let lastLink = 0;

export class Links {
  readonly #source: Pick<JobWorker, 'postInput'>;
  /** Numbers of the links by the worker of the reader. */
  readonly #links = new WeakMap<JobWorker, number>();

  constructor(source: Pick<JobWorker, 'postInput'>) {
    this.#source = source;
  }

  /** Returns the number of the link to the reader. */
  to({ worker }: JobOutput): number {
    let link = this.#links.get(worker);
    if (link === undefined) {
      link = ++lastLink;
      this.#links.set(worker, link);
      const { port1, port2 } = new MessageChannel();
      this.#source.postInput({ type: 'link', link, isSource: true, port: port1 }, [port1]);
      worker.postInput({ type: 'link', link, isSource: false, port: port2 }, [port2]);
    }
    return link;
  }
}
