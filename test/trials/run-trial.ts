/** Runs one trial in a child process, and never waits longer than it takes. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Verdict } from './verdict.mjs';

/** ms for the whole program: a few waits of `PATIENCE` in a row (stand.mjs), so only a blocked main thread gets here. */
const LIMIT = 30_000;
/** ms that the process has to end by itself, once its pool is destroyed. */
const FAREWELL = 6_000;

export interface Cell {
  readonly text: string;
  /** Nothing hung, nothing lost, nothing left. */
  readonly isWhole: boolean;
  /** Of a crash: what the process said at last. */
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
  const ended = await within(answer === undefined ? 0 : FAREWELL, exit);
  if (ended === undefined) {
    child.kill('SIGKILL');
    await exit;
  }
  if (answer !== undefined) return cellOf(answer, ended);
  if (ended === undefined) return { text: '✗ **main thread hung**', isWhole: false };
  return { text: `✗ **process crashed** (${ended[1] ?? ended[0]})`, isWhole: false, stderr };
}

/** `ended` is undefined where the process did not end by itself. */
function cellOf(answer: Answer, ended: readonly [number | null, NodeJS.Signals | null] | undefined): Cell {
  const { mark, says, losses } = answer;
  const lacks = losses.map((loss) => `no ${loss}`);
  const afterwards = [
    ...after(answer),
    ...(ended === undefined ? ['process stays'] : ended[0] === 0 ? [] : ['then crash']),
  ];
  const isWhole = mark === 'kept' && afterwards.length === 0;
  const what = mark === 'hung' ? `**hung**${says && ` (${says})`}` : says;
  const text = `${isWhole ? '✓' : symbolOf(mark, afterwards)} ${[what, ...lacks, ...afterwards].filter(Boolean).join(', ')}`;
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

/** Undefined when it takes longer than `ms`. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  const first = await Promise.race([promise, late]);
  clearTimeout(timer);
  return first;
}
