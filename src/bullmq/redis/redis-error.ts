/** Turns refusals of Redis into errors of this library, with advice. */
import { BrokenExecutorError, QueueFullError, RxFuturesError } from '../../errors.js';

/** Error for a task that was not added. Its cause is the original without the command, because the command contains the arguments of tasks. */
export function refusal(error: unknown, queue: string): Error {
  if (error instanceof RxFuturesError) return error;
  const { message } = toError(error);
  const reason = reasons.find(({ when }) => when.test(message));
  const cause = withoutCommand(error);
  const what = `The queue ${queue} did not take the task: ${oneLine(message)}.`;
  if (reason === undefined) {
    return new BrokenExecutorError(`${what} Look at the log of Redis. Then submit again.`, { cause });
  }
  const text = `${what} ${reason.what} ${reason.advice} Then submit again.`;
  return reason.isFull === true ? new QueueFullError(text, { cause }) : new BrokenExecutorError(text, { cause });
}

/** True for an error that Redis answered with. */
export function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

/** True for a refusal that depends on the state of the server, so that the same command may be accepted later. */
export function isPassing(error: unknown): boolean {
  return isReply(error) && reasons.some(({ when, passes }) => passes === true && when.test((error as Error).message));
}

/** Code of a refusal, such as OOM or READONLY. For other errors: their code, or their name. */
export function codeOf(error: Error): string {
  if (isReply(error)) return /: -([A-Z]+)/.exec(error.message)?.[1] ?? /^[A-Z]+/.exec(error.message)?.[0] ?? 'ERR';
  return (error as NodeJS.ErrnoException).code ?? error.name;
}

/** Explanation and advice for a refusal, for a log. Empty if the refusal is unknown. */
export function adviceOn(error: Error): string {
  const reason = reasons.find(({ when }) => when.test(error.message));
  return reason === undefined ? '' : ` ${reason.what} ${reason.advice}`;
}

/** Maximum number of characters of a message. */
const LONGEST = 300;

/** Makes one line of a message. Quoted arguments of a command are cut off, because they may be values of tasks. */
export function oneLine(message: string): string {
  const line = message.replace(/,? with args beginning with.*/s, '').replace(/\s+/g, ' ');
  return line.slice(0, LONGEST).replace(/[.\s]+$/, '');
}

interface Reason {
  readonly when: RegExp;
  readonly what: string;
  /** Sentence in the imperative. */
  readonly advice: string;
  /** True if there is no room for more tasks. */
  readonly isFull?: boolean;
  readonly passes?: boolean;
}

/** Matches a code at the start, or in the message of a script: before version 7 Redis puts it behind `: -` there. */
function code(codes: string): RegExp {
  return new RegExp(`(^|: -)(${codes})\\b`);
}

const reasons: readonly Reason[] = [
  {
    when: code('OOM'),
    what: 'Redis has used up its memory.',
    advice: 'Raise maxmemory, let the machines work off the queue, or lower keepResults.',
    isFull: true,
    passes: true,
  },
  {
    when: code('READONLY'),
    what: 'This Redis is a replica, which takes no writes.',
    advice: 'Connect to the primary, or to the sentinels that know it.',
    passes: true,
  },
  {
    when: code('MISCONF'),
    what: "Redis can't save its data, and takes no writes until it can.",
    advice: 'Free space on its disk, and look at its log.',
    passes: true,
  },
  {
    when: code('NOREPLICAS'),
    what: 'Redis has too few replicas (min-replicas-to-write).',
    advice: 'Start the missing replicas.',
    passes: true,
  },
  {
    when: code('NOAUTH|WRONGPASS'),
    what: 'Redis does not know this user, or the password is wrong.',
    advice: 'Correct username and password of the connection.',
  },
  {
    when: code('NOPERM'),
    what: 'The user may not do this.',
    advice: 'Grant the user of the connection the commands and keys of the queue (ACL SETUSER).',
  },
  {
    when: code('LOADING'),
    what: 'Redis still loads its data.',
    advice: 'Wait until it is ready.',
    passes: true,
  },
  {
    when: code('MASTERDOWN|BUSY|UNKILLABLE'),
    what: 'Redis is busy with something else.',
    advice: 'Look at its log.',
    passes: true,
  },
  {
    when: code('MOVED|ASK|CROSSSLOT|CLUSTERDOWN|TRYAGAIN'),
    what: 'This Redis is a node of a cluster, and a queue needs all of its keys on one server.',
    advice: 'Connect to a Redis without cluster mode.',
  },
  {
    when: /^ERR max number of clients/,
    what: 'Redis has as many connections as it allows.',
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
