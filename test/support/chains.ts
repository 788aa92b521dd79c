/** Chains of futures that are longer than any stack is deep. */
import { chain, Deferred, type Future } from 'rx-futures';

export const LINKS = 10_000;

/** `LINKS` functions chained to a Deferred, each adding one. */
export function longChain(): {
  readonly start: Deferred<number>;
  readonly links: Future<number>[];
  readonly end: Future<number>;
} {
  const start = new Deferred<number>();
  const links: Future<number>[] = [];
  let end: Future<number> = start.future;
  for (let i = 0; i < LINKS; i++) {
    end = end.pipe(chain((n: number) => n + 1));
    links.push(end);
  }
  return { start, links, end };
}
