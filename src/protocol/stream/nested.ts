/** Finds streams in a place where no task can read them: inside other values. */
import { parts } from '../clone-fault.js';
import { misuse } from '../misuse.js';
import { holdsPart, refusePorts } from '../ports.js';
import { isStreamLike } from './stream-like.js';

/**
 * @throws TypeError if the value is a stream or contains one (`isMisuse`), or contains a
 *   MessagePort
 */
export function refuseStreamsAndPorts(value: unknown, path: string): void {
  if (!holdsPart(value, (part) => part instanceof MessagePort || isStreamLike(part))) return;
  const found = pathOfStream(value, path, new Set());
  if (found === undefined) refusePorts(value);
  else {
    const what = found === path ? "is a stream, which can't be copied" : 'is a stream inside a larger value';
    throw misuse(`${found} ${what}. Pass the stream itself as an argument of a task.`);
  }
}

function pathOfStream(value: unknown, path: string, seen: Set<unknown>): string | undefined {
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  seen.add(value);
  if (isStreamLike(value)) return path;
  for (const [read, partPath] of parts(value, path)) {
    const found = pathOfStream(readOf(read), partPath, seen);
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
