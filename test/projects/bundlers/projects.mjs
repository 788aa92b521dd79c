// @ts-check
/**
 * The projects, one for each bundler. A project is a folder here with a package.json, a lock file
 * and the settings of its bundler. The programs that all of them bundle are in `shared`.
 *
 * @typedef {object} Run
 * @property {string} [bundle] the folder that the run gets, and nothing else. By default, the run
 *   is in the folder of the project
 * @property {readonly string[]} [files] the scripts that the bundle has to consist of
 * @property {RegExp} [others] the names of further scripts, which the bundler chooses
 * @property {readonly string[]} [start] arguments of Node. Without them, the run opens page.html in
 *   Chromium, with and without shared memory
 * @property {string} [failedIn] the file that the stack of a failed task names. The program prints
 *   the line of each feature
 * @property {RegExp} [fails] matches the output of a program that ends with an error
 *
 * @typedef {object} Project
 * @property {Readonly<Record<string, readonly string[]>>} builds arguments of Node for each run of
 *   the bundler, by its title
 * @property {readonly string[]} [hidden] packages that the runs must not find. By default, all
 * @property {Readonly<Record<string, Run>>} runs the bundles that run, by the title of the run
 */

/** @type {(bundle: string) => Run} */
const twoFiles = (bundle) => ({
  bundle,
  files: ['main.js', 'tasks.worker.js'],
  start: ['main.js'],
  failedIn: 'tasks.worker.js',
});

/**
 * A bundle for browsers. Bundlers that understand `new Worker(new URL(…))` also build the file of
 * workers for the option `tasks`, which this program does not load.
 *
 * @param {RegExp} others
 * @param {readonly string[]} [files]
 * @returns {Readonly<Record<string, Run>>}
 */
const page = (others, files = [], failedIn = 'tasks.worker.js') => ({
  'a page': { bundle: 'bundle/web', files, others, failedIn },
});

/**
 * The option `tasks` in a bundle without files that workers run.
 *
 * @param {string} bundle
 * @param {readonly string[]} files
 * @returns {Readonly<Record<string, Run>>}
 */
const leftOut = (bundle, files, [thread, child] = ['threads-host.js', 'processes-host.js']) => ({
  [`tasks on threads, without ${thread}`]: {
    bundle,
    files,
    others: copied,
    start: ['plain.js'],
    fails: missing(thread, 'Replace the option "tasks" by the option "worker"'),
  },
  [`tasks in child processes, without ${child}`]: {
    bundle,
    files,
    others: copied,
    start: ['plain.js', 'child_process'],
    fails: missing(child, 'Use worker threads: remove "runtime": "child_process"'),
  },
});

/** @type {(file: string | undefined, advice: string) => RegExp} */
const missing = (file, advice) =>
  new RegExp(
    `BrokenExecutorError: Worker "executor-\\d" could not be created: the file "${file}" is missing beside the bundled library, because a bundler left it out. ${advice}`,
  );

/** A file with the code that several scripts of a bundle share. */
const shared = /^(assets\/)?(chunk|common|utils)-[\w-]+\.js$/;

/** A file that webpack copies because of `new URL(…, import.meta.url)`. */
const copied = /^[0-9a-f]{20}\.js$/;

const hostFiles = ['plain.js', 'tasks.js', 'threads-host.js', 'processes-host.js'];

/**
 * The option `tasks` in a bundle with the files that workers run.
 *
 * @param {string} bundle
 * @returns {Readonly<Record<string, Run>>}
 */
const hosts = (bundle) => {
  const common = {
    bundle,
    files: [...hostFiles, 'entry/worker.js', 'entry/process.js'],
    others: shared,
    failedIn: 'tasks.js',
  };
  return {
    'tasks on threads': { ...common, start: ['plain.js'] },
    'tasks in child processes': { ...common, start: ['plain.js', 'child_process'] },
  };
};

const vite = 'node_modules/vite/bin/vite.js';
const rollup = 'node_modules/rollup/dist/bin/rollup';
const webpack = 'node_modules/webpack-cli/bin/cli.js';

/** @type {Readonly<Record<string, Project>>} */
export const projects = {
  esbuild: {
    builds: {
      'two files': ['build.mjs'],
      CommonJS: ['build-commonjs.mjs'],
      'files of workers': ['build-hosts.mjs'],
      others: ['build-others.mjs'],
      browser: ['build-web.mjs'],
    },
    runs: {
      ...page(shared, ['page.js', 'tasks.worker.js']),
      'two files': twoFiles('bundle/two-files'),
      'two files, minified': twoFiles('bundle/minified'),
      'one file': {
        bundle: 'bundle/one-file',
        files: ['one-file.js'],
        start: ['one-file.js'],
        failedIn: 'one-file.js',
      },
      CommonJS: {
        bundle: 'bundle/commonjs',
        files: ['commonjs.cjs', 'tasks.worker.cjs'],
        start: ['commonjs.cjs'],
        failedIn: 'tasks.worker.cjs',
      },
      ...hosts('bundle/hosts'),
      ...leftOut('bundle/plain', ['plain.js', 'tasks.js']),
      ...leftOut('bundle/half', hostFiles, ['entry/worker.js', 'entry/process.js']),
    },
  },
  vite: {
    builds: {
      SSR: [vite, 'build'],
      library: [vite, 'build', '--config', 'vite.lib.config.js'],
      browser: [vite, 'build', '--config', 'vite.web.config.js'],
    },
    runs: {
      ...page(/^assets\/(page|tasks\.worker|worker-host)-[\w-]{8}\.js$/),
      SSR: { ...twoFiles('bundle/ssr'), others: shared },
      library: twoFiles('bundle/lib'),
    },
  },
  next: {
    builds: { Turbopack: ['node_modules/next/dist/bin/next', 'build'] },
    // `next start` needs the other packages.
    hidden: ['rx-futures', 'tinypool', 'rxjs'],
    runs: {
      'a route': { start: ['request.mjs', '/worker'], failedIn: 'src_tasks_worker.js' },
      'tasks on threads': {
        start: ['request.mjs', '/plain'],
        fails: missing('threads-host.js', 'Replace the option "tasks" by the option "worker"'),
      },
      'tasks in child processes': {
        start: ['request.mjs', '/plain?runtime=child_process'],
        fails: missing('processes-host.js', 'Use worker threads: remove "runtime": "child_process"'),
      },
    },
  },
  rollup: {
    builds: {
      'two files': [rollup, '-c'],
      'files of workers': [rollup, '-c', 'rollup.hosts.config.js'],
      browser: [rollup, '-c', 'rollup.web.config.js'],
    },
    runs: {
      ...page(shared, ['page.js', 'tasks.worker.js']),
      'two files': { ...twoFiles('bundle/two-files'), others: shared },
      ...hosts('bundle/hosts'),
    },
  },
  tsup: {
    builds: { 'two files': ['node_modules/tsup/dist/cli-default.js'] },
    runs: { 'two files': { ...twoFiles('bundle/two-files'), others: shared } },
  },
  webpack: {
    builds: {
      'two files': [webpack, 'build'],
      plain: [webpack, 'build', '--config', 'webpack.plain.config.js'],
      browser: [webpack, 'build', '--config', 'webpack.web.config.js'],
    },
    runs: {
      ...page(/^\d+\.js$/, ['page.js'], '<number>.js'),
      'two files': {
        ...twoFiles('bundle/two-files'),
        files: ['main.js', 'src_tasks_worker_js.js'],
        failedIn: 'src_tasks_worker_js.js',
      },
      ...leftOut('bundle/plain', ['plain.js']),
    },
  },
};
