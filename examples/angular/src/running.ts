/** The tasks of the page, to see what a cancel does. */
import { Component } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { map, timer } from 'rxjs';
import { executor } from './executor';

@Component({
  selector: 'app-tasks',
  template: `<p id="tasks">Tasks: {{ stats()?.running }} running, {{ stats()?.cancelled }} cancelled</p>`,
})
export class Tasks {
  protected readonly stats = toSignal(timer(0, 100).pipe(map(() => executor.stats())));
}
