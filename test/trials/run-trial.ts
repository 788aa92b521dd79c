/** Runs one trial in a child process, with a time limit. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Verdict } from './verdict.mjs';

/**
 * Time limit of a trial in ms. It allows several waits of `PATIENCE` (stand.mjs), so that only a
 * blocked main thread exceeds it.
 */
const LIMIT = 30_000;
/** Time in ms in which the process has to exit after its pool has been destroyed. */
const EXIT_TIMEOUT_MS = 6_000;

export interface Cell {
  readonly text: string;
  /** True if nothing hung, no part of the error was lost, and the process exited. */
  readonly isWhole: boolean;
  /** The last error output of a process that crashed. */
  readonly stderr?: string;
}

type Answer = Verdict & { next: 'fine' | 'hung' | 'fails' | 'works' };

export async function runTrial(contender: string, fault: string): Promise<Cell> {
  const child = fork(fileURLToPath(new URL('./trial.mjs', import.meta.url)), [contender, fault], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr = (stderr + String(chunk)).slice(-2_000);
  });
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const answer = (await within(LIMIT, Promise.race([once(child, 'message'), exit.then(() => [undefined])])))?.[0] as
    | Answer
    | undefined;
  const ended = await within(answer === undefined ? 0 : EXIT_TIMEOUT_MS, exit);
  if (ended === undefined) {
    child.kill('SIGKILL');
    await exit;
  }
  if (answer !== undefined) return cellOf(answer, ended);
  if (ended === undefined) return { text: '✗ **main thread hung**', isWhole: false };
  return { text: `✗ **process crashed** (${ended[1] ?? ended[0]})`, isWhole: false, stderr };
}

/** Formats the cell of an answer. `ended` is undefined if the process did not exit. */
function cellOf(answer: Answer, ended: readonly [number | null, NodeJS.Signals | null] | undefined): Cell {
  const { mark, says, losses } = answer;
  const lacks = losses.map((loss) => `no ${loss}`);
  const afterwards = [
    ...after(answer),
    ...(ended === undefined ? ['process stays'] : ended[0] === 0 ? [] : ['then crash']),
  ];
  const isWhole = mark === 'kept' && afterwards.length === 0;
  const outcome = mark === 'hung' ? `**hung**${says && ` (${says})`}` : says;
  const text = `${isWhole ? '✓' : symbolOf(mark, afterwards)} ${[outcome, ...lacks, ...afterwards].filter(Boolean).join(', ')}`;
  return { text: text.trim().replaceAll('|', '\\|'), isWhole };
}

function after({ next }: Answer): string[] {
  switch (next) {
    case 'fine':
      return [];
    case 'hung':
      return ['next task **hung**'];
    case 'fails':
      return ['next task fails'];
    case 'works':
      return ['next task runs'];
    default:
      return next satisfies never;
  }
}

function symbolOf(mark: Verdict['mark'], afterwards: readonly string[]): string {
  if (mark === 'absent') return '–';
  if (mark === 'broken') return '?';
  return mark === 'part' && afterwards.length === 0 ? '◐' : '✗';
}

/** Resolves with undefined if the promise is still pending after `ms`. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  const first = await Promise.race([promise, late]);
  clearTimeout(timer);
  return first;
}
