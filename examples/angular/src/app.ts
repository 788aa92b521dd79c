/** The page. */
import { Component, signal } from '@angular/core';
import { Count } from './count';
import { Largest } from './largest';
import { Primes } from './primes';
import { Tasks } from './running';

@Component({
  selector: 'app-root',
  imports: [Count, Largest, Primes, Tasks],
  template: `
    <h1>Primes on web workers</h1>
    <label>below <input #below type="number" value="1000000" (input)="limit.set(below.valueAsNumber)" /></label>
    <button type="button" (click)="isOpen.set(!isOpen())">{{ isOpen() ? 'Leave' : 'Open' }}</button>
    @if (isOpen()) {
      <app-count [limit]="limit()" />
      <app-primes [limit]="limit()" />
      <app-largest [limit]="limit()" />
    }
    <app-tasks />
  `,
})
export class App {
  protected readonly limit = signal(1_000_000);
  protected readonly isOpen = signal(true);
}
