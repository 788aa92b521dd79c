/** A task with one result in a component. */
import { type DependencyList, useEffect, useState } from 'react';
import type { Future } from 'rx-futures';
import { map, merge } from 'rxjs';

/** Submits a task, and a new one when one of the inputs changes. Cancels the outdated one. */
export function useFuture<T>(submit: () => Future<T>, inputs: DependencyList): FutureState<T> {
  const [state, setState] = useState<FutureState<T>>({});
  useEffect(() => {
    const future = submit();
    const states = merge(
      future.progress.pipe(map((progress) => ({ progress }))),
      future.pipe(map((value) => ({ value }))),
    );
    const subscription = states.subscribe({ next: setState, error: (error) => setState({ error }) });
    return () => {
      subscription.unsubscribe();
      future.cancel(); // the component has gone, or an input has changed
      setState({});
    };
  }, inputs);
  return state;
}

/** It is empty before the first progress. */
export interface FutureState<T> {
  readonly progress?: unknown;
  readonly value?: T;
  readonly error?: Error;
}
