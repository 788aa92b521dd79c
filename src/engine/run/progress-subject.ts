/**
 * The progress that a task reports while it runs. The latest value is replayed to late subscribers.
 * The subject is created only on request.
 */
import { type Observable, ReplaySubject } from 'rxjs';
import { inContext } from '../../stream/observable.js';

export class ProgressSubject {
  readonly #subject = new ReplaySubject<unknown>(1);

  constructor(isOver: boolean) {
    if (isOver) this.#subject.complete();
  }

  get values(): Observable<unknown> {
    return inContext(this.#subject);
  }

  next(value: unknown): void {
    this.#subject.next(value);
  }

  complete(): void {
    this.#subject.complete();
  }
}
