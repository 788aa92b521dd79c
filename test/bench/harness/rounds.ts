/** Runs a row. All contenders warm up, and then each one runs once in each round, one at a time. */
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

/** A contender that is warmed up, in a process or on a page of its own. */
export interface Started {
  measure(count: number): Promise<Sample>;
  end(): void;
}

export type Start = (row: Row, name: string) => Promise<Started>;

export async function runRounds(row: Row, names: readonly string[], start: Start): Promise<Standing[]> {
  const runners = names.map((name) => new Runner(row, name, start));
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
  #started: Started | undefined;

  constructor(
    readonly row: Row,
    readonly name: string,
    private readonly open: Start,
  ) {}

  get kind(): string {
    return this.row.contenders[this.name]!.kind;
  }

  async start(): Promise<void> {
    await this.#attempt(async () => {
      this.#started = await this.open(this.row, this.name);
    });
  }

  async measure(): Promise<void> {
    if (this.row.isFreshEachRound) await this.start();
    await this.#attempt(async () => void this.samples.push(await this.#started!.measure(this.row.count)));
    if (this.row.isFreshEachRound) this.end();
  }

  end(): void {
    this.#started?.end();
  }

  /** Runs a step. If it fails, this contender has no figure, and the others continue. */
  async #attempt(step: () => Promise<void>): Promise<void> {
    if (this.failure !== undefined) return;
    try {
      await step();
    } catch (error) {
      // A table has one line for each contender.
      this.failure = (error as Error).message.split('\n')[0];
      this.samples.length = 0;
    }
  }
}
