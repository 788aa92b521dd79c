/** Finds the files that a worker runs: a file of dist, and a file of tinypool. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { StartFault } from '../backend.js';

/** The files that one kind of worker runs. */
export interface HostFiles {
  /** The file of dist. */
  readonly host: string;
  /** The file of tinypool, which tinypool finds beside its own code. */
  readonly tinypool: string;
  /** Instruction for the case that a bundler has left out one of the files. */
  readonly advice: string;
}

/**
 * The last sentences of the advice for threads and for processes. A project of
 * test/projects/bundlers is bundled in this way.
 */
const OTHERWISE =
  'Or build these files too, as the guide "bundlers" shows. Or mark rx-futures and tinypool as external, so that the program loads them from node_modules.';

export const threadFiles: HostFiles = {
  host: 'threads-host.js',
  tinypool: 'entry/worker.js',
  advice: `Replace the option "tasks" by the option "worker", which bundlers understand: worker: () => new Worker(new URL('./tasks.worker.js', import.meta.url)). ${OTHERWISE}`,
};

export const processFiles: HostFiles = {
  host: 'processes-host.js',
  tinypool: 'entry/process.js',
  advice: `Use worker threads: remove "runtime": "child_process", and replace the option "tasks" by the option "worker". ${OTHERWISE}`,
};

const found = new Map<HostFiles, string>();

/**
 * Returns the path of the file of dist. It is beside this code. Sources that run without a build
 * (tests) use the built file.
 *
 * @throws StartFault if one of the files is missing
 */
export function pathOfHost(files: HostFiles): string {
  let path = found.get(files);
  if (path !== undefined) return path;
  const { host, tinypool } = files;
  path = [`./${host}`, `../../../dist/${host}`].map(pathBesideThis).find(existsSync);
  if (path === undefined) throw leftOut(host, files);
  if (!isTinypoolInstalled() && !existsSync(pathBesideThis(`./${tinypool}`))) throw leftOut(tinypool, files);
  found.set(files, path);
  return path;
}

function leftOut(file: string, { advice }: HostFiles): StartFault {
  return new StartFault(
    `could not be created: the file "${file}" is missing beside the bundled library, because a bundler left it out. ${advice}`,
  );
}

/**
 * Returns false if Node finds no package tinypool. A bundler has then copied tinypool into this
 * file.
 */
function isTinypoolInstalled(): boolean {
  try {
    createRequire(ownUrl).resolve('tinypool');
    return true;
  } catch {
    return false;
  }
}

/**
 * The address of this code. webpack would read `new URL(path, import.meta.url)` as a reference to
 * all files of the folder. So the expression is in two pieces.
 */
const ownUrl = import.meta.url;

/**
 * Returns the path of a file beside this code. Returns an empty string if this code has no file of
 * its own: in a CommonJS bundle, `import.meta.url` is undefined.
 */
function pathBesideThis(path: string): string {
  try {
    return fileURLToPath(new URL(path, ownUrl));
  } catch {
    return '';
  }
}
