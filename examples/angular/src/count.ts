/** A future: its progress, and then its result. */
import { AsyncPipe, DecimalPipe } from '@angular/common';
import { Component, input } from '@angular/core';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import { map, share, startWith, switchMap } from 'rxjs';
import { countPrimes } from './executor';
import { owned } from './owned';

@Component({
  selector: 'app-count',
  imports: [AsyncPipe, DecimalPipe],
  template: `
    @let count = future() | async;
    <p>
      How many?
      @if (count === null) {
        <progress [value]="progress()"></progress>
      } @else {
        <output id="count">{{ count | number }}</output>
      }
    </p>
  `,
})
export class Count {
  readonly limit = input.required<number>();

  // A new limit cancels the future of the one before, and so does the end of the component.
  readonly #futures = toObservable(this.limit).pipe(
    switchMap((limit) => owned(() => countPrimes(limit))),
    share(),
  );
  protected readonly future = toSignal(this.#futures);
  protected readonly progress = toSignal(
    this.#futures.pipe(switchMap((future) => future.progress.pipe(map(Number), startWith(0)))),
    { initialValue: 0 },
  );
}
