/**
 * Plans as the data of a BullMQ job. A plan is a whole chain, so that its steps run back to back on one machine; a job has one plan, or several
 * that are quick. Names and numbers are plain JSON, to be read in any dashboard; arguments are text (value-text.ts). There is no code in it: a
 * worker runs exports of its own module, by name.
 *
 * A worker trusts none of it. Whoever can write to Redis can write anything, so it is read field by field, within limits, and never merged
 * into anything.
 */
import { SerializationError } from '../../errors.js';
import { isId, isInteger, isRecord } from './untrusted.js';
import { bytesIn, fromText } from './value-text.js';

/** Of the data's shape. A worker refuses what it doesn't know. */
export const VERSION = 1;

/** Plans of a job, legs of a plan, and steps of a leg. */
const MOST = 256;
/** Arguments of a call: V8 takes about twice as many. */
const MOST_ARGS = 65_535;
/** Characters. */
const LONGEST_NAME = 256;
export const LONGEST_CLIENT = 64;

export interface JobData {
  readonly version: typeof VERSION;
  /** Who is told of it. */
  readonly client: string;
  /** ms for which its ends are kept. */
  readonly keep: number;
  readonly trees: readonly TreeData[];
}

export interface TreeData {
  readonly nodes: readonly NodeData[];
  /** Of the root: an array, as text. */
  readonly args: string;
}

export interface NodeData {
  readonly id: number;
  readonly name: string;
  /** The index of the leg that feeds it; -1 for the root. */
  readonly from: number;
  /** Names of exports. */
  readonly steps: readonly string[];
  readonly attempt: number;
  /** Of a stream: how many values it may be ahead. */
  readonly credit?: number;
  /** ms */
  readonly timeout?: number;
  readonly retry?: { readonly count: number; readonly delay: number };
}

/** Error for a value above maxPayload. `what` begins its message, as in `the result takes`; `whose` names the machine that has the limit. */
export function tooLarge(what: string, bytes: number, most: number, path: string, whose = ''): SerializationError {
  return new SerializationError(
    `${what} ${size(bytes)}, more than the ${size(most)} that maxPayload${whose} allows. Put large data where both sides can read it, and send its place; or stream it; or raise maxPayload.`,
    { path },
  );
}

function size(bytes: number): string {
  if (bytes < 2 ** 10) return `${bytes} bytes`;
  return bytes < 2 ** 20 ? `${(bytes / 2 ** 10).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/**
 * What a job's data says.
 *
 * @throws PlanError, naming what is wrong with it
 */
export function readJob(data: unknown): JobData {
  if (!isRecord(data)) throw new JobDataError(undefined, `data: expected an object, got ${typeOf(data)}`);
  const client = string(data, 'client', LONGEST_CLIENT, undefined);
  if (data.version !== VERSION) {
    throw new JobDataError(
      client,
      `version: this worker reads version ${VERSION}, got ${typeof data.version === 'number' ? data.version : typeOf(data.version)}. Run the same version of rx-futures in clients and workers; update the workers first`,
    );
  }
  const { keep, trees } = data;
  if (!isInteger(keep, 1)) throw new JobDataError(client, 'keep: expected ms');
  const read = list(trees, 'plans', client).map((tree, i) => readTree(tree, `plans[${i}]`, client));
  return { version: VERSION, client, keep, trees: read };
}

function readTree(tree: unknown, at: string, client: string): TreeData {
  if (!isRecord(tree)) throw new JobDataError(client, `${at}: expected an object, got ${typeOf(tree)}`);
  const nodes = list(tree.nodes, `${at}.legs`, client);
  return {
    nodes: nodes.map((node, i) => readNode(node, i, at, client)),
    args: readArgs(tree.args, at, client),
  };
}

function readArgs(args: unknown, at: string, client: string): string {
  if (typeof args === 'string') return args;
  throw new JobDataError(client, `${at}.args: expected a string, got ${typeOf(args)}`);
}

/** Error for a plan whose arguments exceed the maxPayload of the machine of this name. A client may have another maxPayload. */
export function argsFault({ args }: TreeData, maxPayload: number, server: string): SerializationError | undefined {
  const bytes = bytesIn(args);
  // The size that base64 stands for is known up to two bytes.
  if (bytes <= maxPayload + 2) return undefined;
  return tooLarge('the arguments take', bytes, maxPayload, 'arguments', ` of the machine ${server}`);
}

function list(value: unknown, at: string, client: string): readonly unknown[] {
  if (Array.isArray(value) && value.length >= 1 && value.length <= MOST) return value;
  throw new JobDataError(client, `${at}: expected an array of 1 to ${MOST}`);
}

/** @throws PlanError where they are no array, as {@link toText} gives it */
export function decodeArgs({ args }: TreeData, client: string): readonly unknown[] {
  try {
    const values: unknown = fromText(args);
    // The length of a sparse array may be anything: it is spread into a call.
    if (Array.isArray(values) && values.length <= MOST_ARGS) return values;
  } catch {}
  throw new JobDataError(client, 'args: expected the text of an array, as a client of rx-futures writes it');
}

/** A job on the queue that no client of this library has made, or one of another version. */
export class JobDataError extends Error {
  override readonly name = 'PlanError';

  constructor(
    /** Who may have sent it. */
    readonly client: string | undefined,
    message: string,
  ) {
    super(`The job is no plan of rx-futures: ${message}.`);
  }
}

/** Futures in data that may be anything: those who may wait for them hear that they are refused. */
export function futuresIn(data: unknown): Pick<NodeData, 'id' | 'attempt'>[] {
  return listIn(data, 'plans').flatMap((tree) =>
    listIn(tree, 'legs').flatMap((node) => {
      if (!isRecord(node) || !isId(node.id)) return [];
      return [{ id: node.id, attempt: isInteger(node.attempt, 1) ? node.attempt : 1 }];
    }),
  );
}

function listIn(value: unknown, key: string): readonly unknown[] {
  const found: unknown = isRecord(value) ? value[key] : undefined;
  return Array.isArray(found) ? found.slice(0, MOST) : [];
}

function readNode(node: unknown, index: number, at: string, client: string): NodeData {
  const fail = (what: string): never => {
    throw new JobDataError(client, `${at}.legs[${index}]${what}`);
  };
  if (!isRecord(node)) return fail(`: expected an object, got ${typeOf(node)}`);
  const { id, from, steps, attempt, credit, timeout, retry } = node;
  if (!isId(id)) return fail('.id: expected the id of a future');
  if (!isInteger(from, -1, index - 1) || (from === -1) !== (index === 0)) return fail('.from: expected an earlier leg');
  if (!isInteger(attempt, 1)) return fail('.attempt: expected an integer, 1 or more');
  if (!Array.isArray(steps) || steps.length < 1 || steps.length > MOST || !steps.every(isName)) {
    return fail(`.steps: expected 1 to ${MOST} names of exports`);
  }
  if (credit !== undefined && !isInteger(credit, 1)) return fail('.credit: expected 1 or more');
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0)) return fail('.timeout: expected ms');
  const read: { -readonly [K in keyof NodeData]: NodeData[K] } = {
    id,
    name: isName(node.name) ? node.name : String(steps[0]),
    from,
    steps: [...(steps as string[])],
    attempt,
  };
  if (credit !== undefined) read.credit = credit;
  if (timeout !== undefined) read.timeout = timeout;
  if (retry !== undefined) read.retry = readRetry(retry) ?? fail('.retry: expected { count, delay }');
  return read;
}

function readRetry(retry: unknown): NodeData['retry'] {
  if (!isRecord(retry)) return undefined;
  const { count, delay } = retry;
  if (!isInteger(count, 0) || typeof delay !== 'number' || !(delay >= 0)) return undefined;
  return { count, delay };
}

function string(data: Record<string, unknown>, key: string, longest: number, client: string | undefined): string {
  const value = data[key];
  if (typeof value === 'string' && value.length <= longest) return value;
  throw new JobDataError(client, `${key}: expected a string of ${longest} characters at most`);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME;
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}
