/**
 * A queue in memory: a transport without Redis. Clients and servers of one process share it. It
 * passes copies, as every queue does, and delivers messages in later turns of the event loop.
 */
import { randomUUID } from 'node:crypto';
import { type JobData, VERSION } from '../../src/protocol/queue/job-data.js';
import { jobIdOf, jobOf } from '../../src/protocol/queue/job-id.js';
import type { Rules } from '../../src/protocol/queue/lost-jobs.js';
import type { Mail } from '../../src/protocol/queue/mail.js';
import { encodeMessages, type OutcomeMessage, type ToServer } from '../../src/protocol/queue/messages.js';
import { storedOutcome, storedText } from '../../src/protocol/queue/outcomes.js';
import type {
  Batch,
  ClientConnection,
  ClientTransport,
  JobIntake,
  JobListener,
  JobState,
  ServerConnection,
} from '../../src/protocol/queue/transport.js';

interface StoredJob {
  readonly id: string;
  readonly data: string;
  readonly priority: number;
  state: 'waiting' | 'claimed' | 'ended';
  claims: number;
  /** The error of the job, as a transport stores it. */
  failure?: string;
}

type Receive = (text: string) => void;

export class MemoryQueue {
  readonly name = 'memory';
  readonly jobs = new Map<string, StoredJob>();
  /** Ids of the tasks for which a server has received the order to cancel. */
  readonly #cancelled = new Set<number>();
  readonly #jobOf = new Map<number, string>();
  readonly #outcomes = new Map<number, string>();
  readonly #inboxes = new Map<string, Receive>();
  readonly #servers = new Set<Receive>();
  readonly #intakes = new Set<MemoryIntake>();
  #rules: Rules | undefined;

  client(maxPayload = 2 ** 20): ClientTransport {
    const client = randomUUID();
    return {
      client,
      queue: this.name,
      maxPayload,
      connect: async ({ received }) => {
        this.#inboxes.set(client, received);
        return this.#clientConnection(client);
      },
    };
  }

  #clientConnection(client: string): ClientConnection {
    const order = async (message: ToServer) => {
      for (const receive of this.#servers) {
        later(() => {
          receive(encodeMessages([message]));
          if (message.type === 'cancel') this.#cancelled.add(message.id);
        });
      }
    };
    return {
      isReady: true,
      add: async (batches) => {
        for (const batch of batches) this.#add(batch, client);
      },
      cancel: async (id, outcomes, why) => {
        const job = this.jobs.get(id);
        if (job?.state !== 'waiting') return;
        job.state = 'ended';
        job.failure = why;
        this.#store(outcomes);
      },
      jobs: async (wanted) => new Map(wanted.map(({ id, job }) => [id, this.#stateOf(id, job)])),
      order,
      orderUntilAccepted: order,
      outcomes: async (ids) => this.#stored(ids),
      storeOutcomes: async (outcomes) => this.#store(outcomes),
      findLost: async () => undefined,
      rules: async () => this.#rules,
      expireNotes: async () => {},
      refusal: (error) => error as Error,
      explainMissing: ({ job }) => new Error(`Job "${job}" is missing`),
      close: async () => void this.#inboxes.delete(client),
    };
  }

  server(): ServerConnection {
    let receive: Receive | undefined;
    let intake: MemoryIntake | undefined;
    const stopListening = () => receive !== undefined && void this.#servers.delete(receive);
    return {
      queue: this.name,
      isConnected: true,
      quietFor: 0,
      givenUp: new Promise(() => {}),
      probe: () => {},
      publishRules: async (rules) => {
        this.#rules = rules;
      },
      receiveOrders: async (_since, received) => {
        receive = received;
        this.#servers.add(received);
      },
      receiveJobs: (concurrency, listener) => {
        intake = new MemoryIntake(this, concurrency, listener);
        this.#intakes.add(intake);
        return intake;
      },
      publish: async (mail) => this.#publish(mail),
      isTemporary: () => false,
      outcomes: async (ids) => this.#stored(ids),
      notesOf: async (_job, _data, times) => ({
        times,
        started: 0,
        retried: new Map(),
        steps: new Map(),
        server: undefined,
      }),
      noteRetries: async () => true,
      noteStep: async () => true,
      isAlive: async (client) => this.#inboxes.has(client),
      stopListening,
      close: async () => {
        if (intake !== undefined) this.#intakes.delete(intake);
      },
    };
  }

  /**
   * Whether a server has received the order to cancel the task. A task that was never sent needs no
   * order.
   */
  hasCancelled(id: number): boolean {
    return this.#cancelled.has(id) || !this.#jobOf.has(id);
  }

  /** Claims the most urgent waiting job. */
  claim(): StoredJob | undefined {
    const waiting = [...this.jobs.values()].filter(({ state }) => state === 'waiting');
    const [first] = waiting.sort((a, b) => b.priority - a.priority);
    if (first === undefined) return undefined;
    first.state = 'claimed';
    first.claims++;
    return first;
  }

  #add({ trees, priority }: Batch, client: string): void {
    const id = jobOf(trees);
    if (this.jobs.has(id)) return;
    const data: JobData = { version: VERSION, client, keep: 1_000, trees };
    this.jobs.set(id, { id, data: JSON.stringify(data), priority, state: 'waiting', claims: 0 });
    for (const node of trees.flatMap(({ nodes }) => nodes)) this.#jobOf.set(node.id, id);
    for (const intake of this.#intakes) later(() => intake.fill());
  }

  #stateOf(id: number, job = this.#jobOf.get(id) ?? jobIdOf(id)): JobState {
    const stored = this.jobs.get(job);
    const state = stored === undefined ? 'missing' : stored.state === 'ended' ? 'ended' : 'awaited';
    const wasClaimed = (stored?.claims ?? 0) > 0;
    return { job, isNoted: this.#jobOf.has(id), state, wasClaimed, failure: undefined };
  }

  #stored(ids: readonly number[]): OutcomeMessage[] {
    return ids.flatMap((id) => storedOutcome(this.#outcomes.get(id) ?? null, id) ?? []);
  }

  #store(outcomes: readonly OutcomeMessage[]): void {
    for (const outcome of outcomes) this.#keep(outcome.id, storedText(outcome));
  }

  #keep(id: number, text: string): void {
    if (!this.#outcomes.has(id)) this.#outcomes.set(id, text);
  }

  #publish({ client, outcomes, text, starts }: Mail): boolean[] {
    for (const { id, text } of outcomes) this.#keep(id, text);
    if (text !== '') later(() => this.#inboxes.get(client)?.(text));
    return starts.map(() => true);
  }
}

class MemoryIntake implements JobIntake {
  concurrency: number;
  readonly #queue: MemoryQueue;
  readonly #listener: JobListener;
  readonly #running = new Set<Promise<void>>();
  #isPaused = false;

  constructor(queue: MemoryQueue, concurrency: number, listener: JobListener) {
    this.#queue = queue;
    this.concurrency = concurrency;
    this.#listener = listener;
  }

  fill(): void {
    while (!this.#isPaused && this.#running.size < this.concurrency) {
      const job = this.#queue.claim();
      if (job === undefined) return;
      const running = this.#run(job).finally(() => {
        this.#running.delete(running);
        this.fill();
      });
      this.#running.add(running);
    }
  }

  async ready(): Promise<void> {
    this.fill();
  }

  async pause(): Promise<void> {
    this.#isPaused = true;
  }

  async close(): Promise<void> {
    this.#isPaused = true;
    await Promise.all(this.#running);
  }

  async #run(job: StoredJob): Promise<void> {
    const { id, data, claims } = job;
    const claimed = { id, token: String(claims), data: JSON.parse(data), timesLost: 0, wasClaimed: claims > 1 };
    const end = await this.#listener.run(claimed).catch((error: Error) => {
      job.failure = error.message;
      return 'completed' as const;
    });
    job.state = end === 'returned' ? 'waiting' : 'ended';
  }
}

function later(action: () => void): void {
  setImmediate(action);
}
