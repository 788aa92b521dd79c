/** Describes the machine and the versions with which the figures were measured. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

const PACKAGES = [
  'rxjs',
  'tinypool',
  'piscina',
  'workerpool',
  'poolifier',
  'comlink',
  'threads',
  'bullmq',
  'ioredis',
  'marked',
  'pngjs',
];

/**
 * Highest load, in cores, before the start of the bench. Above it, other work disturbs the figures.
 */
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

/** Reads the load of the machine, so call it before the first row. */
export function describeMachine(): Machine {
  const load = loadavg()[0]!;
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.versions.node,
    packages: [...versionsOf(PACKAGES), redis()].join(', '),
    date: new Date().toISOString().slice(0, 10),
    warning:
      load > QUIET
        ? `Other work was running (load ${load.toFixed(2)} at the start): these figures are noisy.`
        : undefined,
  };
}

/** Returns the names of packages with their versions. */
export function versionsOf(names: readonly string[]): string[] {
  return names.map((name) => `${name} ${versionOf(name)}`);
}

function redis(): string {
  try {
    const text = execFileSync('redis-server', ['--version'], { encoding: 'utf8' });
    return `Redis ${/v=(\S+)/.exec(text)?.[1]}`;
  } catch {
    return 'no Redis';
  }
}

/** Reads the version from the file, because some packages don't export their package.json. */
function versionOf(name: string): string {
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const path of paths) {
    try {
      return JSON.parse(readFileSync(`${path}/${name}/package.json`, 'utf8')).version;
    } catch {
      // The package is not in this node_modules. Try the next one up.
    }
  }
  return 'unknown';
}
