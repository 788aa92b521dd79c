/**
 * Sizes that the package must not exceed, in bytes. Each is 3 % above the size of 2026-11. Raise
 * one in the commit that needs it, and say there what the bytes buy. Lower it when the size has
 * dropped.
 */
export const budget = {
  /**
   * `import { Executor } from 'rx-futures'`: was 42,174. Minified and gzipped, without rxjs and
   * tinypool. Deadlines with their timer, contexts and the limit of shutdown() took 2,100.
   * Lingering tasks, their replacements and `terminateAfter` of a task took 800.
   * The option `worker` took 900, and the main thread's half of the mailbox in shared memory 1,700.
   * Finalizers, broadcasts, pauses, rate limits and maxMemoryPerWorker took 3,660.
   * With shared values it is 50,371. Keys took 3,000: their lanes, the order among lanes, and the
   * scan of jobs that may move. Streams as arguments took 4,200: the sources, their batches and
   * sizes, and the links. With them and with actors it is
   * 63,749. Noticing a blocked thread whose tasks have slots took 250. The differences of
   * Bun and Deno, and texts of errors without a headline, took 500. Large arguments as bytes, and
   * messages of a limited size, took 450. Larger data as JSON took 350, in each worker too. Actors
   * that leave a worker, and the polling after a message, took 630. Streams of the web and of Node
   * that end at once took 350, also in the other files below. Credit in shared memory, and time
   * slices of streams on the main thread, took 340: it is 69,454.
   */
  executor: 69_700,
  /** Everything that the main entry exports: was 45,811. With shared values it is 53,997. */
  index: 73_300,
  /**
   * The code that each worker thread loads: was 13,063. Loading it is part of the time that a
   * worker takes to start. `isCancelled` and `throwIfCancelled` took 400. The mailbox took
   * 1,800, in `served` too. Finalizers and the limit of the heap took 460. The limit of streams in
   * bytes took 520, also below. With shared values, which a worker freezes, it is 17,137. Keys took
   * 100, also below. Streams as arguments took 1,850, in each of the three. The differences of
   * Bun and Deno, and texts of errors without a headline, took 160. The trace of the caller took
   * 150, also in `served`. Copies of Maps, Sets and Dates took 420, also in `served`. Credit in
   * shared memory took 410, also below.
   */
  thread: 23_550,
  /**
   * `import { serveWorker } from 'rx-futures/worker'`: was 13,687. A program bundles it into the
   * file of its workers. Finalizers and the limit of the heap took 460.
   */
  served: 23_550,
  /**
   * The code that each child process loads: was 13,409. The trace of the caller, the measure of the
   * heap and the writer of cells took 250.
   */
  process: 21_400,
  /** The script of the page of a dashboard, 36,787. The charts, uPlot, take two thirds. */
  dashboardPage: 37_900,
  /**
   * Futures, chains and combinators in a browser, without an executor. The goal is 20 KB, and
   * it is 12,601.
   */
  webFutures: 12_700,
  /**
   * `Executor` in a browser. The goal is 20 KB, and it is 58,540. `engine/` and `scheduling/` take
   * a third each. An executor has methods for actors, keys, shared values, stream arguments and
   * broadcasts. So all of these are in it.
   */
  webExecutor: 62_000,
  /**
   * The file of a worker in a browser. The goal is 8 KB, and it is 19,141. Streams take a fifth.
   * Errors, and the explanations of values that can't be cloned, take another fifth. Decision 0055
   * says why neither can be loaded later.
   */
  webServed: 21_000,
  /**
   * The packed package: was 802,570, of which README, CHANGELOG and LICENSE take some 15,000. About
   * 335,000 of them are src and the source maps. About 145,000 are the CommonJS build for test
   * runners (decision 0047). With shared values it is 832,563. With
   * the limit of streams in bytes and with keys it is 876,990. With streams as arguments and
   * with actors it is 985,231. The files for browsers took 160,000, without source maps.
   * With traces, OpenTelemetry and lines of statistics it is 1,204,923. With the dashboard it is
   * 1,323,138: its page with uPlot, its server, the command, and their sources and maps. Actors
   * that leave a worker, and the polling after a message, took 7,000. Streams of the web and of
   * Node that end at once, and credit in shared memory, took 10,300: it is 1,385,831.
   */
  tarball: 1_396_000,
};
