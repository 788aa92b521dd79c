/**
 * Sends the mail of a server in its order. Mail that the queue refuses is held and sent again.
 * Without that, a client's future would stay pending.
 */
import { clearTimeout } from '#platform/time';
import { after } from '#platform/timers';
import type { Mail, StartNote } from '../protocol/queue/mail.js';
import type { ServerConnection } from '../protocol/queue/transport.js';

/** Pause in ms before refused mail is sent again. */
const RETRY_PAUSE = 1_000;

/** Mail whose starts wait for an answer. */
export interface OutgoingMail extends Mail {
  readonly starts: readonly StartRequest[];
}

/** A job of several trees, some of which are about to start. */
export interface StartRequest extends StartNote {
  readonly answer: (isOurs: boolean) => void;
}

export class MailSender {
  readonly #connection: Pick<ServerConnection, 'publish' | 'isTemporary'>;
  readonly #unanswered = new Set<Promise<unknown>>();
  /**
   * Mail that the queue refused, and all later mail, in its order. The order matters because the
   * client drops stream values that arrive out of order.
   */
  #held: OutgoingMail[] = [];
  #again: NodeJS.Timeout | undefined;
  /** Resolvers of the callers that wait until no mail is held. */
  #resolvers: (() => void)[] = [];
  #isClosed = false;

  constructor(connection: Pick<ServerConnection, 'publish' | 'isTemporary'>) {
    this.#connection = connection;
  }

  /** True while refused mail waits to be sent again. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  send(mail: OutgoingMail): void {
    if (this.isHolding) this.#held.push(mail);
    else this.#execute(mail);
  }

  /** Resolves when no mail is held. */
  released(): Promise<void> {
    if (!this.isHolding || this.#isClosed) return Promise.resolve();
    return new Promise((released) => void this.#resolvers.push(released));
  }

  /** Resolves when the queue has accepted all mail so far. */
  async flushed(): Promise<void> {
    await Promise.all(this.#unanswered);
    await this.released();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#again);
    for (const mail of this.#held) drop(mail);
    this.#release();
  }

  #execute(mail: OutgoingMail): void {
    const settled = this.#publish(mail)
      .catch((error: Error) => this.#hold(mail, error))
      .finally(() => {
        this.#unanswered.delete(settled);
      });
    this.#unanswered.add(settled);
  }

  async #publish(mail: OutgoingMail): Promise<void> {
    const answers = await this.#connection.publish(mail);
    for (const [i, { answer }] of mail.starts.entries()) answer(answers[i] === true);
  }

  #hold(mail: OutgoingMail, error: Error): void {
    if (this.#isClosed || !this.#connection.isTemporary(error)) {
      drop(mail);
      return;
    }
    this.#held.push(mail);
    this.#again ??= after(RETRY_PAUSE, () => void this.#retry());
  }

  async #retry(): Promise<void> {
    try {
      for (let mail = this.#held[0]; mail !== undefined && !this.#isClosed; mail = this.#held[0]) {
        await this.#publish(mail).catch((error) => {
          if (this.#connection.isTemporary(error)) throw error;
          drop(mail);
        });
        this.#held.shift();
      }
      this.#again = undefined;
      this.#release();
    } catch {
      if (!this.#isClosed) this.#again = after(RETRY_PAUSE, () => void this.#retry());
    }
  }

  #release(): void {
    for (const released of this.#resolvers.splice(0)) released();
  }
}

/** Answers each start of dropped mail with false, because a tree without a note must not start. */
function drop({ starts }: OutgoingMail): void {
  for (const { answer } of starts) answer(false);
}
