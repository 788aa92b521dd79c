/** Starts the process of a contender and runs rounds in it, one at a time. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Started } from './rounds.js';
import type { Row, Sample } from './row.js';

export type FromChild =
  | { readonly type: 'ready' }
  | { readonly type: 'sample'; readonly sample: Sample }
  | { readonly type: 'failed'; readonly reason: string };

const child = fileURLToPath(new URL('./child.mjs', import.meta.url));

/**
 * Time limit of one round in ms. The slowest peer needs about ten seconds for the largest row, so a
 * round of a minute hangs.
 */
const LONGEST_ROUND = 60_000;
/**
 * Time between two rounds in ms. Garbage collections and compilations of a contender finish
 * meanwhile and do not disturb the next one.
 */
const PAUSE = 50;

/** The program that runs a contender, and its options. */
export interface Runtime {
  readonly execPath: string;
  readonly execArgv: string[];
}

/**
 * The child must not inherit the options of this process, which runs TypeScript with a loader.
 */
const NODE: Runtime = { execPath: process.execPath, execArgv: ['--expose-gc'] };

export class ContenderProcess implements Started {
  readonly #process: ChildProcess;

  /** Starts the process. Resolves when the contender is warmed up. */
  static async start(url: URL, name: string, warmUp: Row['warmUp'], runtime = NODE): Promise<ContenderProcess> {
    const contender = new ContenderProcess(url, name, warmUp, runtime);
    await contender.#answer();
    return contender;
  }

  private constructor(url: URL, name: string, warmUp: Row['warmUp'], runtime: Runtime) {
    this.#process = fork(child, [url.href, name, String(warmUp.count), String(warmUp.rounds)], {
      ...runtime,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }

  async measure(count: number): Promise<Sample> {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    this.#process.send({ count });
    const answer = await this.#answer();
    if (answer.type !== 'sample') throw new Error(`expected a sample, got ${answer.type}`);
    return answer.sample;
  }

  /** Kills the process. A clean shutdown is not needed, because nothing is measured afterwards. */
  end(): void {
    this.#process.kill('SIGKILL');
  }

  async #answer(): Promise<FromChild> {
    const tooLate = AbortSignal.timeout(LONGEST_ROUND);
    const answers = new AbortController();
    // Aborting `answers` removes the remaining listeners of this round.
    const signal = AbortSignal.any([tooLate, answers.signal]);
    const died = once(this.#process, 'exit', { signal }).then(([code]) => {
      throw new Error(`its process ended with ${code}`);
    });
    const answered = once(this.#process, 'message', { signal }).then(([message]) => message as FromChild);
    // The promise that settles second is ignored, so its rejection must not be unhandled.
    died.catch(() => {});
    answered.catch(() => {});
    try {
      const answer = await Promise.race([answered, died]);
      if (answer.type === 'failed') throw new Error(answer.reason);
      return answer;
    } catch (error) {
      this.end();
      throw tooLate.aborted ? new Error(`no answer within ${LONGEST_ROUND / 1000} s`) : error;
    } finally {
      answers.abort();
    }
  }
}
