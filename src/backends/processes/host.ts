/**
 * The worker's half of a child process: receives messages through the channel to the parent, and
 * ends with the parent.
 */
import { loadModule } from '#platform/load-module';
import { setInterval } from '#platform/time';
import { leaveBy } from '../../protocol/clone-fault.js';
import type { Envelope, SessionConfig, ToWorker } from '../../protocol/messages.js';
import { fromProcess, type ProcessBytes, toProcess } from '../../protocol/process-bytes.js';
import type { Drain, Host, Post } from '../../worker/host.js';
import type { Session } from '../../worker/session.js';
import { NO_LEDGER } from '../no-ledger.js';
import { openNodeSession } from '../node-worker/host.js';
import { dismissTinypool } from '../tinypool/dismiss.js';
import { endWithParent } from './watchdog.js';

/** The message that opens a session in a process. */
export interface ProcessRequest {
  /** Mark of the session, which identifies its messages. */
  readonly mark: string;
  /** The configuration, as bytes like every message. */
  readonly config: ProcessBytes;
}

export function openSession({ mark, config }: ProcessRequest): void {
  leaveBy(toProcess);
  const session = openNodeSession(fromProcess(config) as SessionConfig, NO_LEDGER, new Channel(mark));
  const parent = process.ppid;
  listenToParent(session, mark);
  // A timer keeps an idle process alive, even after a task has called process.channel.unref().
  setInterval(() => {}, MAX_INTERVAL_MS);
  // The watchdog starts after the boot, because it would delay the boot.
  void session.boot().then(() => endWithParent(parent));
}

/** Longest interval in ms. Node replaces a longer one by 1 ms. */
const MAX_INTERVAL_MS = 2 ** 31 - 1;

function listenToParent(session: Session, mark: string): void {
  // The parent has ended, or a task has closed the channel. No further message can arrive.
  process.once('disconnect', () => process.exit(0));
  const receive = (envelope: unknown) => {
    if (isOurs(envelope, mark)) session.receive(fromProcess(envelope) as ToWorker);
  };
  const before = process.listeners('message');
  process.on('message', receive);
  dismissTinypool(process, before);
  // Tasks share the channel with this session. The listener is added again after
  // process.removeAllListeners('message').
  process.on('removeListener', (event, listener) => {
    if (event === 'message' && listener === receive) process.on('message', receive);
  });
}

/** Recognizes messages of the session. Node, tinypool and the tasks use the same channel. */
function isOurs(message: unknown, mark: string): message is Envelope {
  return (message as Partial<Envelope> | null)?.rxFutures === mark;
}

/**
 * Posts to the parent of a child process. A message that its socket has not written yet is lost
 * when the process exits.
 */
class Channel implements Pick<Host, 'post' | 'drainPosts' | 'importModule'> {
  readonly importModule = loadModule;
  readonly #mark: string;
  /**
   * `process.send` is kept, because a task may replace or delete it, so that its libraries do not
   * detect a child process.
   */
  readonly #send = process.send!.bind(process);
  #unwritten = 0;
  #drained: (() => void) | undefined;

  constructor(mark: string) {
    this.#mark = mark;
  }

  readonly post: Post = (message) => {
    // A post to a closed channel would emit 'error'. The session would post that error too, and so
    // on without end.
    if (!process.connected) return;
    const envelope: Envelope = { rxFutures: this.#mark, ...toProcess(message) };
    this.#send(envelope, undefined, undefined, () => {
      if (--this.#unwritten > 0) return;
      const drained = this.#drained;
      this.#drained = undefined;
      drained?.();
    });
    this.#unwritten++;
  };

  readonly drainPosts: Drain = (drained) => {
    if (this.#unwritten === 0) return false;
    this.#drained = drained;
    return true;
  };
}
