/** The arguments and contexts in the data of a job: their size, and how a server reads them. */
import type { SerializationError } from '../../errors.js';
import { JobDataError, type TreeData, tooLarge } from './job-data.js';
import { plainExcess, plainLength } from './plain-json.js';
import { bytesIn, fromText } from './value-text.js';

/** Maximum number of arguments of a call. V8 accepts about twice as many. */
const MAX_ARGS = 65_535;

/** Returns the number of characters that the arguments take in the data of a job, about. */
export function argsLength({ args }: TreeData): number {
  return typeof args === 'string' ? args.length : plainLength(args);
}

/**
 * Returns the error for a tree whose arguments or contexts exceed the maxPayload of the named
 * server. Client and server may have different limits.
 */
export function argsFault(
  { args, contexts = '' }: TreeData,
  maxPayload: number,
  server: string,
): SerializationError | undefined {
  // The sizes are known only to two bytes, because the texts are base64.
  const isLarge = (text: string) => bytesIn(text) > maxPayload + 2;
  const whose = ` of server "${server}"`;
  const excess = typeof args !== 'string' ? excessOf(args, maxPayload) : isLarge(args) ? bytesIn(args) : undefined;
  if (excess !== undefined) return tooLarge('The arguments take', excess, maxPayload, 'arguments', whose);
  if (isLarge(contexts)) return tooLarge('The contexts take', bytesIn(contexts), maxPayload, 'context', whose);
  return undefined;
}

/** Counts values that are nested too deeply for JSON as too large. */
function excessOf(args: readonly unknown[], most: number): number | undefined {
  try {
    return plainExcess(args, most);
  } catch {
    return plainLength(args);
  }
}

/** @throws JobDataError if the arguments are neither an array nor a text of {@link toText} */
export function decodeArgs({ args }: TreeData, client: string): readonly unknown[] {
  return typeof args === 'string' ? decodeArray(args, 'args', client) : checkLength(args, 'args', client);
}

/** @throws JobDataError if the text is not an array that {@link toText} has written */
export function decodeContexts({ contexts }: TreeData, client: string): readonly unknown[] {
  return contexts === undefined ? [] : decodeArray(contexts, 'contexts', client);
}

function decodeArray(text: string, at: string, client: string): readonly unknown[] {
  let values: unknown;
  try {
    values = fromText(text);
  } catch {}
  return checkLength(values, at, client);
}

function checkLength(values: unknown, at: string, client: string): readonly unknown[] {
  // The length is checked because the array is spread into a call, and a sparse array may claim any
  // length.
  if (Array.isArray(values) && values.length <= MAX_ARGS) return values;
  throw new JobDataError(client, `${at}: expected an array in the text form of rx-futures`);
}
