/** Collects the messages of a server to its clients, and sends one mail per client and tick. */
import { clearTimeout, setImmediate, setTimeout } from '#platform/time';
import { MAX_KEYS } from '../protocol/queue/chunks.js';
import { encodeMessage, joinMessages, type OutcomeMessage, type ToClient } from '../protocol/queue/messages.js';
import type { ServerConnection } from '../protocol/queue/transport.js';
import { MailSender, type StartRequest } from './mail-sender.js';

/**
 * Maximum length of a payload that is sent to the inbox, in characters. A larger payload is stored
 * once, and the clients that wait for the outcome read it from there.
 */
const MAX_INLINE = 64 * 1024;

/**
 * Time in ms for which a `started` message waits for other messages. If the task settles in that
 * time, start and outcome are sent in one mail.
 */
const START_DELAY = 1;

/** The messages and notes for one client. */
interface Draft {
  /**
   * `started` messages, by future id. Dropped if the mail contains the outcome of the future,
   * because an outcome includes the time of the start.
   */
  started: Map<number, ToClient>;
  messages: string[];
  outcomes: { id: number; text: string }[];
  claimed: string[];
  settled: number[];
  starts: StartRequest[];
  /** Time in ms that the client's inbox outlives its last message. */
  keep: number;
}

export class Outbox {
  readonly #sender: MailSender;
  readonly #drafts = new Map<string, Draft>();
  /** Resolves when the messages of this tick have been sent. */
  #sending: Promise<void> | undefined;
  #later: NodeJS.Timeout | undefined;

  constructor(connection: Pick<ServerConnection, 'publish' | 'isTemporary'>) {
    this.#sender = new MailSender(connection);
  }

  publish(client: string, keep: number, message: ToClient): void {
    const { started, messages } = this.#draftTo(client, keep);
    if (message.type === 'started') {
      started.set(message.id, message);
      this.#scheduleLater();
      return;
    }
    const first = started.get(message.id);
    if (first !== undefined && started.delete(message.id)) messages.push(encodeMessage(first));
    messages.push(encodeMessage(message));
    this.#schedule();
  }

  /** Notes in a claimed job that this server has it, for the server that finds the job lost. */
  noteServer(job: string, client: string, keep: number): void {
    this.#draftTo(client, keep).claimed.push(job);
    this.#scheduleLater();
  }

  /**
   * Notes how many trees of a job may have started, together with the messages of this tick.
   * Resolves with false if this server has lost the job. None of the trees may start then.
   */
  noteStarted(job: string, token: string, count: number, client: string, keep: number): Promise<boolean> {
    return new Promise((answer) => {
      this.#draftTo(client, keep).starts.push({ job, token, count, answer });
      this.#schedule();
    });
  }

  /**
   * Sends the outcome of a future to clients, and stores it. `isNoted` is true if the job is not
   * named after the future, so that the queue has a note of the job's id. `mayWait` allows a short
   * delay.
   */
  publishOutcome(
    outcome: OutcomeMessage,
    keep: number,
    clients: readonly string[],
    isNoted: boolean,
    mayWait = false,
  ): void {
    const isLarge = (outcome.payload?.length ?? 0) > MAX_INLINE;
    const message = encodeMessage(outcome);
    const published = isLarge ? encodeMessage({ ...outcome, payload: undefined }) : message;
    for (const client of clients) {
      const { started, messages } = this.#draftTo(client, keep);
      started.delete(outcome.id);
      messages.push(published);
    }
    const draft = this.#draftTo(clients[0] ?? NO_CLIENT, keep);
    draft.outcomes.push({ id: outcome.id, text: joinMessages([message]) });
    if (isNoted) draft.settled.push(outcome.id);
    if (mayWait) this.#scheduleLater();
    else this.#schedule();
  }

  /**
   * Resolves when all outcomes so far were sent. Later commands on the same connection are executed
   * after them.
   */
  async sent(): Promise<void> {
    if (this.#later !== undefined) this.#schedule();
    await this.#sending;
    if (this.isHolding) await this.#sender.released();
  }

  /** Resolves when the queue has executed all commands so far. */
  async flushed(): Promise<void> {
    if (this.#later !== undefined) this.#schedule();
    await this.#sending;
    await this.#sender.flushed();
  }

  /** True while refused mail waits to be sent again. */
  get isHolding(): boolean {
    return this.#sender.isHolding;
  }

  /** Drops the mail that waits to be sent again. */
  close(): void {
    this.#sender.close();
  }

  #draftTo(client: string, keep: number): Draft {
    let draft = this.#drafts.get(client);
    if (draft === undefined || draft.outcomes.length >= MAX_KEYS) {
      if (draft !== undefined) this.#send(client, draft);
      draft = { started: new Map(), messages: [], outcomes: [], claimed: [], settled: [], starts: [], keep };
      this.#drafts.set(client, draft);
    }
    draft.keep = Math.max(draft.keep, keep);
    return draft;
  }

  #scheduleLater(): void {
    if (this.#sending === undefined) this.#later ??= setTimeout(() => this.#schedule(), START_DELAY);
  }

  #schedule(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    this.#sending ??= new Promise((sent) => {
      setImmediate(() => {
        this.#sending = undefined;
        for (const [client, draft] of this.#drafts) this.#send(client, draft);
        this.#drafts.clear();
        sent();
      });
    });
  }

  #send(client: string, { started, messages, outcomes, claimed, settled, starts, keep }: Draft): void {
    const all = [...Array.from(started.values(), encodeMessage), ...messages];
    const text = all.length > 0 ? joinMessages(all) : '';
    this.#sender.send({ client, outcomes, claimed, settled, text, starts, keep });
  }
}

/**
 * Inbox for outcomes that no client waits for. No client reads it, and its length is limited like
 * that of any inbox.
 */
const NO_CLIENT = 'nobody';
