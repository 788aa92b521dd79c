/**
 * Detects a connection that died silently, because the network drops packets, a firewall forgot the connection, or a host lost power. Then
 * neither FIN nor RST arrives, and TCP alone needs some 15 minutes to notice.
 *
 * If nothing was read for some time, a PING is sent. If nothing was read for `silence` ms, the socket is destroyed. Then ioredis connects
 * again, and sends every unanswered command again.
 */

import type { Redis } from 'ioredis';
import { clearTimeout, performance, setImmediate } from '../../platform/time.js';
import { after } from '../../platform/timers.js';

/** Number of checks in one `silence`. */
const LOOKS = 4;

export interface HeartbeatOptions {
  /** Time in ms without a byte after which the connection counts as dead. */
  readonly silence: number;
  /** Longest time in ms that Redis blocks a command of this connection, such as XREAD BLOCK. No PING is sent on it. */
  readonly block?: number;
}

export class Heartbeat {
  readonly #client: Redis;
  readonly #silence: number;
  readonly #block: number;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** performance.now() at the last byte that was read. */
  #heard = performance.now();
  /** performance.now() at the last byte that was read, at the last one that left the write queue, or at the connect, whichever is latest. */
  #moved = this.#heard;
  #bytesRead = 0;
  #bytesWaiting = 0;
  /** performance.now() at a PING that has no answer yet. */
  #askedAt: number | undefined;

  constructor(client: Redis, { silence, block = 0 }: HeartbeatOptions) {
    this.#client = client;
    this.#silence = silence;
    this.#block = block;
    client.on('connect', this.#connected);
    this.#tree();
  }

  /** Time in ms since the last byte that was read. */
  get quietFor(): number {
    this.#look();
    return performance.now() - this.#heard;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#client.off('connect', this.#connected);
  }

  readonly #connected = (): void => {
    this.#moved = performance.now();
    this.#bytesRead = 0;
    this.#bytesWaiting = 0;
    this.#askedAt = undefined;
  };

  #tree(): void {
    this.#timer = after(this.#silence / LOOKS, () => {
      this.#beat();
      if (!this.#isClosed) this.#tree();
    }).unref();
  }

  #beat(): void {
    const { status } = this.#client;
    if (status !== 'ready' && status !== 'connect') return;
    if (this.#look()) return;
    if (this.#isDead()) {
      const { stream } = socketOf(this.#client);
      // If this thread was busy, bytes wait in the socket. Node reads them before it calls back here.
      setImmediate(() => {
        if (this.#isClosed || stream !== socketOf(this.#client).stream) return;
        if (!this.#look() && this.#isDead()) stream?.destroy(new Error(`no answer for ${this.#silence} ms`));
      });
      return;
    }
    if (this.#block === 0 && status === 'ready' && this.#askedAt === undefined) this.#ask();
  }

  #ask(): void {
    this.#askedAt = performance.now();
    const answered = () => {
      this.#askedAt = undefined;
    };
    this.#client.ping().then(answered, answered);
  }

  /** True if bytes were read, or have left the write queue. A write queue that grows is no sign of life. */
  #look(): boolean {
    const { stream } = socketOf(this.#client);
    if (stream === undefined) return false;
    const { bytesRead = 0 } = stream;
    const bytesWaiting = stream._handle?.writeQueueSize ?? 0;
    const hasRead = bytesRead !== this.#bytesRead;
    const hasMoved = hasRead || bytesWaiting < this.#bytesWaiting;
    this.#bytesRead = bytesRead;
    this.#bytesWaiting = bytesWaiting;
    if (hasMoved) this.#moved = performance.now();
    if (hasRead) this.#heard = this.#moved;
    return hasMoved;
  }

  #isDead(): boolean {
    const quiet = performance.now() - this.#moved;
    // During the handshake, and on a connection that blocks, a command is always unanswered.
    if (this.#client.status !== 'ready') return quiet > this.#silence;
    if (this.#block > 0) return quiet > this.#silence + this.#block;
    // Without a PING, silence proves nothing: this thread may have been too busy to send one.
    return quiet > this.#silence && performance.now() - (this.#askedAt ?? Number.POSITIVE_INFINITY) > this.#silence / 2;
  }
}

/** Private parts of a connection of ioredis. */
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
