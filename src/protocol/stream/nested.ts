/** Finds streams and Futures in a place where no task can use them: inside other values. */
import { knownFault, parts, unclonable } from '../clone-fault.js';
import { misuse } from '../misuse.js';
import { holdsPart, refusePorts } from '../ports.js';
import { isFuture, isStreamLike } from './stream-like.js';

/**
 * @throws TypeError if the value is a stream or contains one (`isMisuse`), or contains a
 *   MessagePort
 * @throws SerializationError if the value contains a Future
 */
export function refuseStreamsAndPorts(value: unknown, path: string): void {
  if (!holdsPart(value, (part) => part instanceof MessagePort || isReadLater(part))) return;
  const found = findReadLater(value, path, new Set());
  if (found === undefined) {
    refusePorts(value);
    return;
  }
  if (isFuture(found.part)) throw unclonable({ path: found.path, ...knownFault(found.part)! });
  const what = found.path === path ? "is a stream, which can't be copied" : 'is a stream inside a larger value';
  throw misuse(`${found.path} ${what}. Pass the stream itself as an argument of a task.`);
}

/**
 * Returns true for a stream and for a Future. No search may look inside a Future: it refers to its
 * executor, which has streams and ports of its own.
 */
function isReadLater(value: object): boolean {
  return isFuture(value) || isStreamLike(value);
}

interface Found {
  readonly part: object;
  readonly path: string;
}

function findReadLater(value: unknown, path: string, seen: Set<unknown>): Found | undefined {
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  seen.add(value);
  if (isReadLater(value)) return { part: value, path };
  for (const [read, partPath] of parts(value, path)) {
    const found = findReadLater(readOf(read), partPath, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

function readOf(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}
