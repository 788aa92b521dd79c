/** The parent's handle on a contender: a child process that waits until it is its turn. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Row, Sample } from './row.js';

export type FromChild =
  | { readonly type: 'ready' }
  | { readonly type: 'sample'; readonly sample: Sample }
  | { readonly type: 'failed'; readonly reason: string };

const child = fileURLToPath(new URL('./child.mjs', import.meta.url));

/** ms that one round may take. The slowest peer needs some ten seconds for the largest row; three times that is a hang. */
const LONGEST_ROUND = 60_000;
/** ms between two rounds, so that what a contender leaves behind (collections, compilations) does not run into the next one's round. */
const PAUSE = 50;

export class ContenderProcess {
  readonly #process: ChildProcess;

  /** Starts it; resolves when it is warm. */
  static async start(url: URL, name: string, warmUp: Row['warmUp']): Promise<ContenderProcess> {
    const contender = new ContenderProcess(url, name, warmUp);
    await contender.#answer();
    return contender;
  }

  private constructor(url: URL, name: string, warmUp: Row['warmUp']) {
    this.#process = fork(child, [url.href, name, String(warmUp.count), String(warmUp.rounds)], {
      // Not those of this process, which runs TypeScript through a loader.
      execArgv: ['--expose-gc'],
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

  /** Nothing is measured from here on, so it needs no goodbye. */
  end(): void {
    this.#process.kill('SIGKILL');
  }

  async #answer(): Promise<FromChild> {
    const tooLate = AbortSignal.timeout(LONGEST_ROUND);
    const answers = new AbortController();
    // Its end takes the listeners away that are left: there is one round after the other.
    const signal = AbortSignal.any([tooLate, answers.signal]);
    const died = once(this.#process, 'exit', { signal }).then(([code]) => {
      throw new Error(`its process ended with ${code}`);
    });
    const answered = once(this.#process, 'message', { signal }).then(([message]) => message as FromChild);
    // Whichever comes second is of no interest.
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
