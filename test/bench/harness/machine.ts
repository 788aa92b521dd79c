/** Where and with what the figures were made: a figure without its machine is a rumour. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

const PACKAGES = ['rxjs', 'tinypool', 'piscina', 'workerpool', 'poolifier', 'comlink', 'threads', 'bullmq', 'ioredis'];

/** Load before the bench has begun, in cores, above which other work has certainly taken part in the figures. */
const QUIET = 0.5;

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memory: string;
  readonly node: string;
  readonly packages: string;
  readonly date: string;
  /** Undefined on a quiet machine. */
  readonly warning: string | undefined;
}

/** Asked before the first row, since the bench is a load itself. */
export function describeMachine(): Machine {
  const load = loadavg()[0]!;
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.versions.node,
    packages: [...PACKAGES.map((name) => `${name} ${versionOf(name)}`), redis()].join(', '),
    date: new Date().toISOString().slice(0, 10),
    warning:
      load > QUIET
        ? `Other work was running (load ${load.toFixed(2)} at the start): these figures are noisy.`
        : undefined,
  };
}

function redis(): string {
  try {
    const text = execFileSync('redis-server', ['--version'], { encoding: 'utf8' });
    return `Redis ${/v=(\S+)/.exec(text)?.[1]}`;
  } catch {
    return 'no Redis';
  }
}

/** Read from the file: some packages don't export their package.json. */
function versionOf(name: string): string {
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const path of paths) {
    try {
      return JSON.parse(readFileSync(`${path}/${name}/package.json`, 'utf8')).version;
    } catch {
      // Not in this node_modules; the next one up is tried.
    }
  }
  return 'unknown';
}
