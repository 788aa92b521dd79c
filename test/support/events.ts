/** Records the events of an executor. */
import type { ExecutorEvent } from 'rx-futures';
import { filter, firstValueFrom, type Observable } from 'rxjs';

type Type = ExecutorEvent['type'];
export type EventOf<K extends Type> = Extract<ExecutorEvent, { type: K }>;

interface Emitting {
  readonly events: Observable<ExecutorEvent>;
}

/** Records every event from now on. */
export function record({ events }: Emitting) {
  const seen: ExecutorEvent[] = [];
  events.subscribe((event) => seen.push(event));
  return {
    seen,
    types: () => seen.map(({ type }) => type),
    of: <K extends Type>(type: K) => seen.filter((event): event is EventOf<K> => event.type === type),
  };
}

/** Resolves with the next event of this type, or with the next one of this type for one task. */
export function next<K extends Type>({ events }: Emitting, type: K, id?: number): Promise<EventOf<K>> {
  const isIt = (event: ExecutorEvent): event is EventOf<K> =>
    event.type === type && (id === undefined || ('id' in event && event.id === id));
  return firstValueFrom(events.pipe(filter(isIt)));
}
