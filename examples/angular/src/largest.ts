/** A resource: a future that may reject. */
import { DecimalPipe } from '@angular/common';
import { Component, input, resource } from '@angular/core';
import { largestPrime } from './executor';

@Component({
  selector: 'app-largest',
  imports: [DecimalPipe],
  template: `
    <p>
      The largest?
      @if (largest.error(); as error) {
        <output id="largest" class="error">{{ error.message }}</output>
      } @else {
        <output id="largest">{{ largest.value() | number }}</output>
      }
    </p>
  `,
})
export class Largest {
  readonly limit = input.required<number>();

  protected readonly largest = resource({
    params: this.limit,
    loader: ({ params: limit, abortSignal: signal }) => largestPrime.with({ signal })(limit),
  });
}
