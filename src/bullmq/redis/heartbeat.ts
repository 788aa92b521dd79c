/**
 * Detects a connection that died silently, because the network drops packets, a firewall forgot the
 * connection, or a machine lost power. Then neither FIN nor RST arrives, and TCP alone needs about
 * 15 minutes to notice.
 *
 * If nothing was read for some time, a PING is sent. A connection is dead if both of these hold:
 *
 *   - For `silence` ms nothing was read, and the write queue did not shrink.
 *   - The PING has had no reply for half of that time.
 *
 * Its socket is then destroyed. ioredis connects again, and sends every unanswered command again.
 */

import type { Redis } from 'ioredis';
import { clearTimeout, performance, setImmediate } from '#platform/time';
import { after } from '#platform/timers';

/** Number of checks during one `silence`. */
const CHECKS = 4;

export interface HeartbeatOptions {
  /** Time in ms without a byte after which the connection counts as dead. */
  readonly silence: number;
  /**
   * Maximum time in ms for which Redis blocks a command of this connection, such as XREAD BLOCK. No
   * PING is sent on a blocking connection.
   */
  readonly block?: number;
}

export class Heartbeat {
  readonly #client: Redis;
  readonly #silence: number;
  readonly #block: number;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** performance.now() when the last byte was read. */
  #readAt = performance.now();
  /**
   * performance.now() when the last byte was read, when the last byte left the write queue, or at
   * the connect, whichever is latest.
   */
  #movedAt = this.#readAt;
  #bytesRead = 0;
  #bytesWaiting = 0;
  /** performance.now() when the last PING was sent. Undefined if the PING has a reply. */
  #pingedAt: number | undefined;

  constructor(client: Redis, { silence, block = 0 }: HeartbeatOptions) {
    this.#client = client;
    this.#silence = silence;
    this.#block = block;
    client.on('connect', this.#connected);
    this.#schedule();
  }

  /** Time in ms since the last byte was read. */
  get quietFor(): number {
    this.#readCounters();
    return performance.now() - this.#readAt;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#client.off('connect', this.#connected);
  }

  readonly #connected = (): void => {
    this.#movedAt = performance.now();
    this.#bytesRead = 0;
    this.#bytesWaiting = 0;
    this.#pingedAt = undefined;
  };

  #schedule(): void {
    this.#timer = after(this.#silence / CHECKS, () => {
      this.#check();
      if (!this.#isClosed) this.#schedule();
    }).unref();
  }

  #check(): void {
    const { status } = this.#client;
    if (status !== 'ready' && status !== 'connect') return;
    if (this.#readCounters()) return;
    if (this.#isDead()) {
      const { stream } = socketOf(this.#client);
      // If this thread was busy, bytes wait in the socket. Node reads them before it runs this
      // callback.
      setImmediate(() => {
        if (this.#isClosed || stream !== socketOf(this.#client).stream) return;
        if (!this.#readCounters() && this.#isDead()) stream?.destroy(new Error(silent(this.#silence)));
      });
      return;
    }
    if (this.#block === 0 && status === 'ready' && this.#pingedAt === undefined) this.#ping();
  }

  #ping(): void {
    this.#pingedAt = performance.now();
    const answered = () => {
      this.#pingedAt = undefined;
    };
    this.#client.ping().then(answered, answered);
  }

  /**
   * Returns true if bytes were read, or have left the write queue. A growing write queue does not
   * show that the connection is alive.
   */
  #readCounters(): boolean {
    const { stream } = socketOf(this.#client);
    if (stream === undefined) return false;
    const { bytesRead = 0 } = stream;
    const bytesWaiting = stream._handle?.writeQueueSize ?? 0;
    const hasRead = bytesRead !== this.#bytesRead;
    const hasMoved = hasRead || bytesWaiting < this.#bytesWaiting;
    this.#bytesRead = bytesRead;
    this.#bytesWaiting = bytesWaiting;
    if (hasMoved) this.#movedAt = performance.now();
    if (hasRead) this.#readAt = this.#movedAt;
    return hasMoved;
  }

  #isDead(): boolean {
    const quiet = performance.now() - this.#movedAt;
    // During the handshake, and on a blocking connection, one command is always without a reply.
    if (this.#client.status !== 'ready') return quiet > this.#silence;
    if (this.#block > 0) return quiet > this.#silence + this.#block;
    // Without a PING, silence proves nothing: this thread may have been too busy to send one.
    return (
      quiet > this.#silence && performance.now() - (this.#pingedAt ?? Number.POSITIVE_INFINITY) > this.#silence / 2
    );
  }
}

/** Private members of a connection of ioredis. */
interface WithSocket {
  readonly stream?: {
    readonly bytesRead?: number;
    readonly _handle?: { readonly writeQueueSize?: number } | null;
    destroy(error?: Error): void;
    unref?(): void;
  };
  readonly reconnectTimeout?: NodeJS.Timeout | null;
}

export function socketOf(client: Redis): WithSocket {
  return client as unknown as WithSocket;
}

function silent(ms: number): string {
  return `Redis sent nothing for ${ms} ms, so its connection is replaced. If this repeats, check the network and the load of Redis.`;
}
