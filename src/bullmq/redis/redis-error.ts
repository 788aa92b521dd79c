/** Converts refusals of Redis to errors of this library, with advice. */
import { BrokenExecutorError, QueueFullError, RxFuturesError } from '../../errors.js';
import { oneLine as shorten } from '../../util/format.js';

/**
 * Returns the error for a task that was not added. Its cause is a copy of the original error
 * without the command, because the command contains the arguments of tasks.
 */
export function refusal(error: unknown, queue: string): Error {
  if (error instanceof RxFuturesError) return error;
  const { message } = toError(error);
  const reason = reasons.find(({ when }) => when.test(message));
  const cause = withoutCommand(error);
  const what = `The queue "${queue}" did not accept the task: ${oneLine(message)}.`;
  const again = 'Then submit the task again: the executor is still open.';
  if (reason === undefined) return new BrokenExecutorError(`${what} Check the log of Redis. ${again}`, { cause });
  const text = `${what} ${reason.what} ${reason.advice} ${again}`;
  return reason.isFull === true ? new QueueFullError(text, { cause }) : new BrokenExecutorError(text, { cause });
}

/** Returns true for an error that is a reply of Redis. */
export function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

/**
 * Returns true for a refusal that depends on the state of Redis, so that Redis may accept the same
 * command later.
 */
export function isTemporary(error: unknown): boolean {
  return (
    isReply(error) &&
    reasons.some(({ when, isTemporary }) => isTemporary === true && when.test((error as Error).message))
  );
}

/**
 * Returns the code of a refusal, such as OOM or READONLY. For any other error, returns its code, or
 * else its name.
 */
export function codeOf(error: Error): string {
  if (isReply(error)) return /: -([A-Z]+)/.exec(error.message)?.[1] ?? /^[A-Z]+/.exec(error.message)?.[0] ?? 'ERR';
  return (error as NodeJS.ErrnoException).code ?? error.name;
}

/** Returns explanation and advice for a refusal, for a log. Empty if the refusal is unknown. */
export function adviceOn(error: Error): string {
  const reason = reasons.find(({ when }) => when.test(error.message));
  return reason === undefined ? '' : ` ${reason.what} ${reason.advice}`;
}

/**
 * Shortens a message to one line. It cuts off the quoted arguments of a command, because they may
 * be values of tasks.
 */
export function oneLine(message: string): string {
  return shorten(message.replace(/,? with args beginning with.*/s, ''));
}

interface Reason {
  readonly when: RegExp;
  readonly what: string;
  /** Says what the user should do, as a sentence in the imperative. */
  readonly advice: string;
  /** True if Redis has no room for more tasks. */
  readonly isFull?: boolean;
  readonly isTemporary?: boolean;
}

/**
 * Matches a code at the start of a message, or behind `: -`, where Redis before version 7 puts it
 * if a script fails.
 */
function code(codes: string): RegExp {
  return new RegExp(`(^|: -)(${codes})\\b`);
}

const reasons: readonly Reason[] = [
  {
    when: code('OOM'),
    what: 'Redis has used up its memory.',
    advice: 'Raise maxmemory, let the servers work off the queue, or lower keepResults.',
    isFull: true,
    isTemporary: true,
  },
  {
    when: code('READONLY'),
    what: 'This Redis is a replica, which accepts no writes.',
    advice: 'Connect to the primary, or to the sentinels that know it.',
    isTemporary: true,
  },
  {
    when: code('MISCONF'),
    what: "Redis can't save its data, and accepts no writes until it can.",
    advice: 'Free space on its disk, and check its log.',
    isTemporary: true,
  },
  {
    when: code('NOREPLICAS'),
    what: 'Redis has too few replicas (min-replicas-to-write).',
    advice: 'Start the missing replicas.',
    isTemporary: true,
  },
  {
    when: code('NOAUTH|WRONGPASS'),
    what: 'Redis does not know this user, or the password is wrong.',
    advice: 'Check the username and password in the option "connection".',
  },
  {
    when: code('NOPERM'),
    what: 'The user of the connection lacks a permission.',
    advice: 'Grant the user of the connection the commands and keys of the queue (ACL SETUSER).',
  },
  {
    when: code('LOADING'),
    what: 'Redis is still loading its data.',
    advice: 'Wait until it is ready.',
    isTemporary: true,
  },
  {
    when: code('MASTERDOWN|BUSY|UNKILLABLE'),
    what: 'Redis is busy with another operation.',
    advice: 'Check its log.',
    isTemporary: true,
  },
  {
    when: code('MOVED|ASK|CROSSSLOT|CLUSTERDOWN|TRYAGAIN'),
    what: 'This Redis is a node of a cluster, but a queue needs all of its keys on one Redis server.',
    advice: 'Connect to a Redis without cluster mode.',
  },
  {
    when: /^ERR max number of clients/,
    what: 'Redis has reached its maximum number of connections.',
    advice: 'Raise maxclients, or close connections.',
  },
];

function withoutCommand(error: unknown): Error {
  const { name, message, stack } = toError(error);
  const plain = new Error(oneLine(message));
  plain.name = name;
  if (stack !== undefined) plain.stack = stack;
  return plain;
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
