/** The task of example 23: it looks up a word in an index. */
import { threadId } from 'node:worker_threads';

/** The positions of each word, as the numbers `starts[i]` to `starts[i + 1]` of `positions`. */
export interface Index {
  readonly words: ReadonlyMap<string, number>;
  readonly starts: Uint32Array;
  readonly positions: Uint32Array;
}

/** The indexes that this worker has seen. The set would grow if each task received a copy. */
const seen = new Set<Index>();

export function find(index: Index, word: string): { thread: number; copies: number; hits: number } {
  seen.add(index);
  const entry = index.words.get(word);
  const hits = entry === undefined ? 0 : index.starts[entry + 1]! - index.starts[entry]!;
  return { thread: threadId, copies: seen.size, hits };
}
