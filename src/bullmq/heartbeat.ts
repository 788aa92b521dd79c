/**
 * Notices a connection that died without a word: a network that drops packets, a firewall that forgets, a host that lost its power. No FIN and
 * no RST arrives then, and TCP alone needs a quarter of an hour to find out.
 *
 * Where nothing was read for some time, Redis is asked (PING). Where nothing comes back for `silence` ms, the socket is destroyed: ioredis
 * connects anew, and sends again what was not answered.
 */

import type { Redis } from 'ioredis';
import { clearTimeout, performance, setImmediate } from '../time.js';
import { after } from '../timers.js';

/** Looks in the time of one `silence`. */
const LOOKS = 4;

export interface HeartbeatOptions {
  /** ms without a byte after which the connection is dead. */
  readonly silence: number;
  /** ms that Redis may hold an answer back, where the connection waits in commands such as XREAD BLOCK. It is not asked meanwhile. */
  readonly block?: number;
}

export class Heartbeat {
  readonly #client: Redis;
  readonly #silence: number;
  readonly #block: number;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** performance.now() of the last byte that was read. */
  #heard = performance.now();
  /** The same, or when the connection was made, or when a byte of a long command left. */
  #moved = this.#heard;
  #bytesRead = 0;
  #bytesWaiting = 0;
  /** Redis was asked then, and has not answered. */
  #askedAt: number | undefined;

  constructor(client: Redis, { silence, block = 0 }: HeartbeatOptions) {
    this.#client = client;
    this.#silence = silence;
    this.#block = block;
    client.on('connect', this.#connected);
    this.#plan();
  }

  /** ms since the last byte that was read. */
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

  #plan(): void {
    this.#timer = after(this.#silence / LOOKS, () => {
      this.#beat();
      if (!this.#isClosed) this.#plan();
    }).unref();
  }

  #beat(): void {
    const { status } = this.#client;
    if (status !== 'ready' && status !== 'connect') return;
    if (this.#look()) return;
    if (this.#isDead()) {
      const { stream } = socketOf(this.#client);
      // This thread may have been busy: what has arrived meanwhile is read before `setImmediate` calls back.
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

  /** True where bytes have come or gone. More bytes that wait are no sign of life. */
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
    // A handshake always waits for an answer, and a connection that blocks does so for one that comes when its time is over.
    if (this.#client.status !== 'ready') return quiet > this.#silence;
    if (this.#block > 0) return quiet > this.#silence + this.#block;
    // Silence means nothing where this thread was too busy to ask.
    return quiet > this.#silence && performance.now() - (this.#askedAt ?? Number.POSITIVE_INFINITY) > this.#silence / 2;
  }
}

/** What ioredis keeps to itself. */
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
