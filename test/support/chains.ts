/** Chains of futures that would overflow the stack if their steps were settled recursively. */
import { chain, Deferred, type Future } from 'rx-futures';

export const LINKS = 10_000;

/** Returns `LINKS` functions chained to a Deferred. Each of them adds one. */
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
