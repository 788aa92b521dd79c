/** The worker's half of a thread or a child process: a session that lives as long as its worker. */
import type { WorkerLedger } from '../../protocol/ledger.js';
import type { SessionConfig } from '../../protocol/messages.js';
import type { Host } from '../../worker/host.js';
import { Session } from '../../worker/session.js';

export function openNodeSession(
  config: SessionConfig,
  ledger: WorkerLedger,
  {
    post,
    next,
    drainPosts,
    importModule,
    openLink,
  }: Pick<Host, 'post' | 'next' | 'drainPosts' | 'importModule' | 'openLink'>,
): Session {
  const session = new Session(config, ledger, {
    post,
    next,
    drainPosts,
    drainOutput,
    importModule,
    openLink,
    // port.close() is not enough: other ports, such as tinypool's, may keep the worker alive.
    // process.exit() runs the 'exit' listeners of the tasks.
    end: () => process.exit(0),
  });
  process.once('exit', () => session.flush());
  catchUncaught((error) => session.fault(error));
  return session;
}

/**
 * Waits for the output of tasks. It travels to the main thread through another port, so a result
 * could otherwise overtake the output of its own task.
 */
function drainOutput(drained: () => void): boolean {
  const { stdout, stderr } = process;
  if (stdout.writableLength === 0 && stderr.writableLength === 0) return false;
  const waiting = [stdout, stderr].filter((stream) => stream.writableLength > 0);
  let left = waiting.length;
  for (const stream of waiting) stream.write('', () => --left === 0 && drained());
  return true;
}

/**
 * Reports errors that escaped all promises, so that they do not end the worker together with
 * unrelated tasks.
 *
 * If the task module or one of its libraries has a handler, an error that it handles is not a
 * fault. Node would not end the process either.
 */
function catchUncaught(fault: (error: unknown) => void): void {
  let isHandled = false;
  const listener = (error: unknown) => {
    if (!isHandled) fault(error);
  };
  // The handlers are read before they run, because a handler that was added with `once` is already
  // removed when the last handler is called.
  process.on('uncaughtExceptionMonitor', () => {
    isHandled = process
      .listeners('uncaughtException')
      .some((other) => other !== listener && other.name !== DOMAIN_LISTENER);
  });
  process.on('uncaughtException', listener);
}

/**
 * Name of the listener that Node's module `domain` adds beside the first listener of the program.
 * It handles nothing.
 */
const DOMAIN_LISTENER = 'domainUncaughtExceptionClear';
