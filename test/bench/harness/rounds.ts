/** Runs a row: all contenders warmed up, then round after round, each contender once a round, never two at a time. */
import { ContenderProcess } from './contender.js';
import type { Row, Sample } from './row.js';

/** How a contender came out. */
export interface Standing {
  readonly name: string;
  readonly samples: readonly Sample[];
  /** Why it has no figure. */
  readonly failure?: string;
}

/**
 * A contender that needs this many times the best of its kind after the first round sits out the others: it can't become the best,
 * and the time is better spent on those who can. Its figure stands, of one round.
 */
const HOPELESS = 2.5;

export async function runRounds(row: Row, url: URL, names: readonly string[]): Promise<Standing[]> {
  const runners = names.map((name) => new Runner(row, url, name));
  try {
    // One after another: a warm-up is as loud as a round.
    if (!row.isFreshEachRound) for (const runner of runners) await runner.start();
    for (let round = 0; round < row.rounds; round++) {
      // Each round begins with another one, so that nobody always comes after the same neighbour.
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

  /** One that fails has no figure at all; the others go on. */
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
