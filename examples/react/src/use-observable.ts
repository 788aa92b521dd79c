/** The latest value of a stream in a component. */
import { type DependencyList, useEffect, useState } from 'react';
import type { Observable } from 'rxjs';

/** Subscribes to a stream, and to a new one when one of the inputs changes. */
export function useObservable<T>(create: () => Observable<T>, inputs: DependencyList): Latest<T> {
  const [latest, setLatest] = useState<Latest<T>>({});
  useEffect(() => {
    const subscription = create().subscribe({
      next: (value) => setLatest({ value }),
      error: (error) => setLatest({ error }),
    });
    return () => {
      subscription.unsubscribe(); // leaving the stream of a task cancels the task
      setLatest({});
    };
  }, inputs);
  return latest;
}

/** It is empty before the first value. */
export interface Latest<T> {
  readonly value?: T;
  readonly error?: Error;
}
