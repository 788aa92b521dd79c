/**
 * The data of a job on a queue: job trees as JSON.
 *
 * A tree is a whole chain, so that its steps run back to back on one server. Each node of a tree is
 * one future. A job contains one tree, or several quick ones. Names and numbers are plain JSON, so
 * that any dashboard can show them. So are arguments that JSON restores exactly (plain-json.ts);
 * others are text (value-text.ts). A job contains no code: a server runs exports of its own task
 * module, by name.
 *
 * A server does not trust the data, because everyone who can write to the queue can write anything.
 * It reads the data field by field, within limits, and never merges it into an object.
 */
import { SerializationError } from '../../errors.js';
import { isId, isInteger, isRecord } from './untrusted.js';

/** Version of the shape of the data. In version 1, all arguments are text. */
export const VERSION = 2;
/** Versions that a server reads. It rejects all others. */
const KNOWN_VERSIONS: readonly unknown[] = [1, VERSION];

/** Maximum number of trees in a job, of nodes in a tree, and of steps in a node. */
const MAX_LENGTH = 256;
/** Maximum length of a name, in characters. */
const MAX_NAME_LENGTH = 256;
export const MAX_CLIENT_LENGTH = 64;
/** Default time in ms for which outcomes are kept. */
export const DEFAULT_KEEP = 3_600_000;

export interface JobData {
  readonly version: typeof VERSION;
  /** Id of the client that receives the messages about the job. */
  readonly client: string;
  /** Time in ms for which the outcomes of the job's futures are kept. */
  readonly keep: number;
  readonly trees: readonly TreeData[];
}

export interface TreeData {
  readonly nodes: readonly NodeData[];
  /** Arguments of the root: plain JSON, or an array as text. */
  readonly args: string | readonly unknown[];
  /** Contexts of the nodes, in their order: an array, as text. */
  readonly contexts?: string;
}

export interface NodeData {
  readonly id: number;
  readonly name: string;
  /** Index of the node that this node waits for; -1 for the root. */
  readonly from: number;
  /** Names of exports. */
  readonly steps: readonly string[];
  readonly attempt: number;
  /** Number of values by which a stream may be ahead of its reader. Undefined for other nodes. */
  readonly credit?: number;
  /** Bytes by which a stream may be ahead of its reader. Undefined: no limit. */
  readonly creditBytes?: number;
  /** Timeout in ms. */
  readonly timeout?: number;
  /** Deadline in ms. It counts from the arrival of the input, unless `expires` is set. */
  readonly deadline?: number;
  /** End of the deadline, in ms since the epoch. The deadline has started in the client. */
  readonly expires?: number;
  /** Time in ms that the task may still run after its cancel. */
  readonly terminateAfter?: number;
  readonly retry?: { readonly count: number; readonly delay: number };
}

/**
 * Returns the error for a value above maxPayload. `what` starts the message, such as `The result
 * takes`. `whose` names the server that has the limit.
 */
export function tooLarge(what: string, bytes: number, most: number, path: string, whose = ''): SerializationError {
  return new SerializationError(
    `${what} ${size(bytes)}, more than the ${size(most)} that maxPayload${whose} allows. Pass a reference to the data (for example a URL), use a stream, or raise maxPayload.`,
    { path },
  );
}

function size(bytes: number): string {
  if (bytes < 2 ** 10) return `${bytes} bytes`;
  return bytes < 2 ** 20 ? `${(bytes / 2 ** 10).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/**
 * Reads and checks the data of a job.
 *
 * @throws JobDataError that names the invalid field
 */
export function readJob(data: unknown): JobData {
  if (!isRecord(data)) throw new JobDataError(undefined, `data: expected an object, got ${typeOf(data)}`);
  const client = string(data, 'client', MAX_CLIENT_LENGTH, undefined);
  if (!KNOWN_VERSIONS.includes(data.version)) {
    throw new JobDataError(
      client,
      `version: this server reads the versions ${KNOWN_VERSIONS.join(' and ')}, got ${typeof data.version === 'number' ? data.version : typeOf(data.version)}`,
      'Run the same version of rx-futures in clients and servers, and update the servers first',
    );
  }
  const { keep, trees } = data;
  if (!isInteger(keep, 1)) throw new JobDataError(client, 'keep: expected a time in ms');
  const read = list(trees, 'trees', client).map((tree, i) => readTree(tree, `trees[${i}]`, client));
  return { version: VERSION, client, keep, trees: read };
}

function readTree(tree: unknown, at: string, client: string): TreeData {
  if (!isRecord(tree)) throw new JobDataError(client, `${at}: expected an object, got ${typeOf(tree)}`);
  const nodes = list(tree.nodes, `${at}.nodes`, client);
  const { contexts } = tree;
  return {
    nodes: nodes.map((node, i) => readNode(node, i, at, client)),
    args: Array.isArray(tree.args) ? tree.args : readText(tree.args, `${at}.args`, client),
    ...(contexts !== undefined && { contexts: readText(contexts, `${at}.contexts`, client) }),
  };
}

function readText(text: unknown, at: string, client: string): string {
  if (typeof text === 'string') return text;
  throw new JobDataError(client, `${at}: expected a string, got ${typeOf(text)}`);
}

function list(value: unknown, at: string, client: string): readonly unknown[] {
  if (Array.isArray(value) && value.length >= 1 && value.length <= MAX_LENGTH) return value;
  throw new JobDataError(client, `${at}: expected an array of 1 to ${MAX_LENGTH} items`);
}

/** Error for a job that no client of this library, or a client of another version, has written. */
export class JobDataError extends Error {
  override readonly name = 'JobDataError';

  constructor(
    /** Id of the client that may have sent the job. */
    readonly client: string | undefined,
    message: string,
    advice = 'Check that only executors of rx-futures add jobs to this queue',
  ) {
    super(`Invalid job data: ${message}. ${advice}.`);
  }
}

/** Returns the futures in unchecked data, so that a rejection can be sent to their clients. */
export function futuresIn(data: unknown): Pick<NodeData, 'id' | 'attempt'>[] {
  return listIn(data, 'trees').flatMap((tree) =>
    listIn(tree, 'nodes').flatMap((node) => {
      if (!isRecord(node) || !isId(node.id)) return [];
      return [{ id: node.id, attempt: isInteger(node.attempt, 1) ? node.attempt : 1 }];
    }),
  );
}

function listIn(value: unknown, key: string): readonly unknown[] {
  const found: unknown = isRecord(value) ? value[key] : undefined;
  return Array.isArray(found) ? found.slice(0, MAX_LENGTH) : [];
}

function readNode(node: unknown, index: number, at: string, client: string): NodeData {
  const fail = (what: string): never => {
    throw new JobDataError(client, `${at}.nodes[${index}]${what}`);
  };
  if (!isRecord(node)) return fail(`: expected an object, got ${typeOf(node)}`);
  const { id, from, steps, attempt, credit, creditBytes, timeout, terminateAfter, deadline, expires, retry } = node;
  if (!isId(id)) return fail('.id: expected the id of a future');
  if (!isInteger(from, -1, index - 1) || (from === -1) !== (index === 0))
    return fail('.from: expected an earlier node');
  if (!isInteger(attempt, 1)) return fail('.attempt: expected an integer, 1 or more');
  if (!Array.isArray(steps) || steps.length < 1 || steps.length > MAX_LENGTH || !steps.every(isName)) {
    return fail(`.steps: expected 1 to ${MAX_LENGTH} names of exports`);
  }
  if (credit !== undefined && !isInteger(credit, 1)) return fail('.credit: expected 1 or more');
  if (creditBytes !== undefined && !isInteger(creditBytes, 1)) return fail('.creditBytes: expected 1 or more');
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0)) return fail('.timeout: expected ms');
  if (deadline !== undefined && !(typeof deadline === 'number' && deadline > 0)) return fail('.deadline: expected ms');
  if (expires !== undefined && (deadline === undefined || !Number.isFinite(expires)))
    return fail('.expires: expected a time in ms, beside a deadline');
  if (terminateAfter !== undefined && !(typeof terminateAfter === 'number' && terminateAfter >= 0))
    return fail('.terminateAfter: expected ms');
  const read: { -readonly [K in keyof NodeData]: NodeData[K] } = {
    id,
    name: isName(node.name) ? node.name : String(steps[0]),
    from,
    steps: [...(steps as string[])],
    attempt,
  };
  if (credit !== undefined) read.credit = credit;
  if (creditBytes !== undefined) read.creditBytes = creditBytes;
  if (timeout !== undefined) read.timeout = timeout;
  if (deadline !== undefined) read.deadline = deadline;
  if (expires !== undefined) read.expires = expires as number;
  if (terminateAfter !== undefined) read.terminateAfter = terminateAfter;
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
  throw new JobDataError(client, `${key}: expected a string of at most ${longest} characters`);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_NAME_LENGTH;
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}
