/** A stream: the latest three of its values. */
import { DecimalPipe } from '@angular/common';
import { Component, input } from '@angular/core';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import { scan, switchMap } from 'rxjs';
import { primes } from './executor';

@Component({
  selector: 'app-primes',
  imports: [DecimalPipe],
  template: `
    <p>
      Found so far:
      <output id="primes">
        @for (prime of latest(); track prime) {
          {{ prime | number }}
        }
      </output>
    </p>
  `,
})
export class Primes {
  readonly limit = input.required<number>();

  // switchMap leaves the stream of the limit before, which cancels its task.
  protected readonly latest = toSignal(
    toObservable(this.limit).pipe(
      switchMap((limit) =>
        primes.stream(limit).pipe(scan((latest: number[], prime) => [...latest, prime].slice(-3), [])),
      ),
    ),
  );
}
