/** Stored outcomes of futures: how they are written and read, and those of a whole job. */
import type { JobData } from './job-data.js';
import { decodeMessages, encodeMessages, type OutcomeMessage, payloadOf } from './messages.js';

/** Returns the form in which an outcome is stored. */
export function storedText(outcome: OutcomeMessage): string {
  return encodeMessages([outcome]);
}

/**
 * Returns the outcome in a stored text. Ignores a text that is not an outcome of the future or has
 * no payload, because anyone may write to the queue.
 */
export function storedOutcome(text: string | null, id: number): OutcomeMessage | undefined {
  const [outcome] = text === null ? [] : decodeMessages<OutcomeMessage>(text);
  return outcome?.type === 'settled' && outcome.id === id && outcome.payload !== undefined ? outcome : undefined;
}

/** The part of a transport that stores outcomes. */
export interface OutcomeStore {
  outcomes(ids: readonly number[]): Promise<OutcomeMessage[]>;
}

/** Returns the stored outcomes of the futures of a job, by future id. */
export async function outcomesOf(store: OutcomeStore, { trees }: JobData): Promise<Map<number, OutcomeMessage>> {
  const attempts = new Map(trees.flatMap(({ nodes }) => nodes.map(({ id, attempt }) => [id, attempt] as const)));
  const kept = await store.outcomes([...attempts.keys()]);
  const ours = kept.filter(
    (outcome) => outcome.attempt === attempts.get(outcome.id) && payloadOf(outcome) !== undefined,
  );
  return new Map(ours.map((outcome) => [outcome.id, outcome]));
}
