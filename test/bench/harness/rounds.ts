/** Runs a row. All contenders warm up, and then each one runs once in each round, one at a time. */
import { ContenderProcess } from './contender.js';
import type { Row, Sample } from './row.js';

/** The result of a contender. */
export interface Standing {
  readonly name: string;
  readonly samples: readonly Sample[];
  /** The reason for which the contender has no figure. */
  readonly failure?: string;
}

/**
 * A peer that needs this multiple of the best peer in the first round skips the other rounds. It
 * can't become the best peer, and the rounds would take long. Its figure is the one of the first
 * round.
 */
const HOPELESS = 2.5;

export async function runRounds(row: Row, url: URL, names: readonly string[]): Promise<Standing[]> {
  const runners = names.map((name) => new Runner(row, url, name));
  try {
    // Start one after another, because a warm-up disturbs the others as much as a round.
    if (!row.isFreshEachRound) for (const runner of runners) await runner.start();
    for (let round = 0; round < row.rounds; round++) {
      // Each round starts with another contender, so that no contender always follows the same one.
      const order = [...runners.slice(round % runners.length), ...runners.slice(0, round % runners.length)];
      for (const runner of order) if (round === 0 || !isHopeless(runner, runners)) await runner.measure();
    }
  } finally {
    for (const runner of runners) runner.end();
  }
  return runners.map(({ name, samples, failure }) => ({ name, samples, ...(failure !== undefined && { failure }) }));
}

function isHopeless(runner: Runner, all: readonly Runner[]): boolean {
  if (runner.kind !== 'peer') return false;
  const peers = all.filter((other) => other.kind === 'peer' && other.samples.length > 0);
  return Object.entries(runner.samples[0] ?? {}).every(([metric, figure]) => {
    const best = Math.min(...peers.map((peer) => peer.samples[0]?.[metric] ?? Number.POSITIVE_INFINITY));
    return figure > best * HOPELESS;
  });
}

class Runner {
  readonly samples: Sample[] = [];
  failure: string | undefined;
  #process: ContenderProcess | undefined;

  constructor(
    readonly row: Row,
    readonly url: URL,
    readonly name: string,
  ) {}

  get kind(): string {
    return this.row.contenders[this.name]!.kind;
  }

  async start(): Promise<void> {
    await this.#attempt(async () => {
      this.#process = await ContenderProcess.start(this.url, this.name, this.row.warmUp);
    });
  }

  async measure(): Promise<void> {
    if (this.row.isFreshEachRound) await this.start();
    await this.#attempt(async () => void this.samples.push(await this.#process!.measure(this.row.count)));
    if (this.row.isFreshEachRound) this.end();
  }

  end(): void {
    this.#process?.end();
  }

  /** Runs a step. If it fails, this contender has no figure, and the others continue. */
  async #attempt(step: () => Promise<void>): Promise<void> {
    if (this.failure !== undefined) return;
    try {
      await step();
    } catch (error) {
      this.failure = (error as Error).message;
      this.samples.length = 0;
    }
  }
}
