// @ts-check
/** Shared parts of the scripts that test the packed library in other projects. */
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBuilt } from '../../scripts/build.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** ms that a run may take. A program that waits for an open handle would otherwise wait forever. */
const LONGEST_RUN = 240_000;

/** Copies only what belongs to the repository. */
export const COPY = {
  recursive: true,
  filter: (/** @type {string} */ file) => path.basename(file) !== 'node_modules',
};

/** The projects of one script, and the results of their runs. */
export class Harness {
  /** Folder for the projects. It stays, so that a second run installs nothing. */
  home;
  #script;
  #sources;
  #tarball = '';
  /** @type {{ project: string, run: string, result: string, seconds: string }[]} */
  #rows = [];

  /** @param {string} name the folder in test/projects, and the script without `test:` */
  constructor(name) {
    this.#script = `test:${name}`;
    this.#sources = path.join(root, 'test/projects', name);
    this.home = path.join(
      tmpdir(),
      `rx-futures-${name}-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`,
    );
  }

  /**
   * Returns the projects whose names contain one of the words of the command line, or all projects.
   * Packs the library for them.
   *
   * @template P
   * @param {Readonly<Record<string, P>>} projects
   * @returns {[string, P][]}
   */
  choose(projects) {
    const words = process.argv.slice(2);
    const chosen = Object.entries(projects).filter(
      ([name]) => words.length === 0 || words.some((word) => name.includes(word)),
    );
    if (chosen.length === 0) {
      const names = Object.keys(projects).join(', ');
      console.error(`${this.#script}: no project is called "${words.join(' ')}". Use: ${names}.`);
      process.exit(1);
    }
    this.#pack();
    return chosen;
  }

  #pack() {
    mkdirSync(this.home, { recursive: true });
    if (!isBuilt()) throw new Error(`${this.#script}: dist is missing or old. Run npm run build first.`);
    const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', this.home];
    const [{ filename }] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8' }));
    this.#tarball = path.join(this.home, filename);
  }

  /**
   * Installs what the lock file of a project names, unless it is installed, and the library.
   *
   * @param {string} name
   */
  install(name) {
    const folder = path.join(this.home, name);
    const packages = path.join(folder, 'node_modules');
    const lock = readFileSync(path.join(this.#sources, name, 'package-lock.json'), 'utf8');
    const mark = path.join(packages, '.installed');
    if (!existsSync(mark) || readFileSync(mark, 'utf8') !== lock) {
      console.log(`${name}: npm ci`);
      execFileSync('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' });
      writeFileSync(mark, lock);
    }
    const library = path.join(packages, 'rx-futures');
    rmSync(library, { recursive: true, force: true });
    mkdirSync(library);
    // The lock file names the dependencies of the library, so npm does not have to install it.
    execFileSync('tar', ['-xzf', this.#tarball, '-C', library, '--strip-components', '1']);
  }

  /**
   * Records a run. Prints its output if the run was not right.
   *
   * @param {string} project
   * @param {string} run
   * @param {number} start
   * @param {boolean} isRight
   * @param {string} output
   */
  add(project, run, start, isRight, output) {
    const seconds = ((performance.now() - start) / 1_000).toFixed(1);
    if (!isRight) console.log(`── ${project}, ${run}\n${output}`);
    console.log(`${isRight ? 'ok' : 'FAILED'}  ${project}, ${run} (${seconds} s)`);
    this.#rows.push({ project, run, result: isRight ? 'ok' : 'FAILED', seconds });
  }

  /**
   * @param {string} project
   * @param {string} reason
   * @param {string} [run]
   */
  skip(project, reason, run = 'all') {
    this.#rows.push({ project, run, result: `skipped: ${reason}`, seconds: '' });
  }

  /** Prints a table of all runs. The script ends with code 1 if a run failed. */
  report() {
    console.log(`\nNode ${process.versions.node}`);
    console.table(this.#rows);
    const failed = this.#rows.filter(({ result }) => result === 'FAILED').length;
    console.log(`${this.#rows.length - failed} passed, ${failed} failed`);
    process.exitCode = failed > 0 ? 1 : 0;
  }
}

/**
 * @param {string} cwd
 * @param {readonly string[]} args
 * @param {Record<string, string>} [more] environment variables
 * @returns {Promise<{ code: number | string, stdout: string, stderr: string }>}
 */
export function runNode(cwd, args, more = {}) {
  const env = { ...process.env, CI: 'true', NO_COLOR: '1', ...more };
  return new Promise((resolve) => {
    const done = (/** @type {any} */ error, /** @type {string} */ stdout, /** @type {string} */ stderr) =>
      resolve({ code: error ? (error.killed ? 'it did not end' : error.code) : 0, stdout, stderr });
    execFile(process.execPath, [...args], { cwd, env, timeout: LONGEST_RUN, maxBuffer: 2 ** 26 }, done);
  });
}
