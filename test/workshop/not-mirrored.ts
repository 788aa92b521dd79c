/** The files of src that have no test at the same place in test/. */
export interface NotMirrored {
  /** A file of src, or a folder with a slash at its end. */
  readonly source: string;
  /** The file or folder of test/ that tests it, if there is one. */
  readonly tests?: string;
  readonly reason: string;
}

export const notMirrored: readonly NotMirrored[] = [
  // Nothing runs.
  { source: 'backends/runtime.ts', reason: 'it declares the type of a runtime' },
  { source: 'engine/run/rare-fields.ts', reason: 'it declares fields and their first values' },
  { source: 'scheduling/job/place.ts', tests: 'scheduling/lanes/', reason: 'it declares types' },
  { source: 'future/outcome.ts', tests: 'types/future.test-d.ts', reason: 'it declares types' },
  { source: 'future/producer.ts', reason: 'it declares types' },
  { source: 'progress/snapshot.ts', tests: 'types/progress.test-d.ts', reason: 'it declares types' },
  {
    source: 'protocol/queue/transport.ts',
    tests: 'serving/service.test.ts',
    reason: 'it declares a port and one number',
  },
  { source: 'protocol/messages.ts', reason: 'it declares messages' },
  { source: 'protocol/time-slice.ts', reason: 'it is one number' },
  { source: 'serving/task-service.ts', tests: 'types/bullmq.test-d.ts', reason: 'it declares types' },
  { source: 'worker/host.ts', reason: 'it declares a port' },

  // Browsers.
  { source: 'backends/web.ts', tests: 'browser/', reason: 'it lists the backend of browsers' },
  { source: 'backends/web/dom.ts', reason: 'it declares types' },
  { source: 'protocol/web/lock.ts', tests: 'browser/', reason: 'only browsers have locks' },
  { source: 'protocol/web/messages.ts', reason: 'it declares messages' },
  { source: 'backends/web/backend.ts', tests: 'browser/', reason: 'the conformance suite runs on it in a browser' },
  { source: 'backends/web/host.ts', tests: 'browser/', reason: 'it runs on a worker of a browser' },
  { source: 'backends/web/module-host.ts', tests: 'browser/', reason: 'it runs on a worker of a browser' },
  { source: 'backends/web/port-host.ts', tests: 'browser/', reason: 'it runs on a worker of a browser' },
  {
    source: 'backends/web/start-worker.ts',
    tests: 'backends/web/session.test.ts',
    reason: 'a session starts a worker',
  },
  { source: 'platform/web/', tests: 'platform/web.test.ts', reason: 'most files are stand-ins; one test compares all' },
  { source: 'web.ts', tests: 'browser/', reason: 'an entry only exports' },
  { source: 'backends/no-ledger.ts', tests: 'backends/processes.test.ts', reason: 'its methods do nothing' },
  { source: 'backends/check-tasks.ts', tests: 'executor/worker-option.test.ts', reason: 'serveWorker() calls it' },

  // Entries.
  { source: 'bullmq.ts', tests: 'bullmq/', reason: 'an entry only exports' },
  { source: 'cli.ts', tests: 'bullmq/command-line.test.ts', reason: 'the program runs as a process of its own' },
  { source: 'cli/', tests: 'bullmq/command-line.test.ts', reason: 'the program runs as a process of its own' },
  { source: 'stream/groups.ts', tests: 'dashboard/groups.test.ts', reason: 'a dashboard watches through it' },
  { source: 'dashboard.ts', tests: 'dashboard/serve.test.ts', reason: 'it only exports' },
  { source: 'dashboard/frames.ts', reason: 'it declares what is sent, and numbers' },
  { source: 'dashboard/source.ts', reason: 'it declares a port' },
  { source: 'dashboard/options.ts', tests: 'dashboard/serve.test.ts', reason: 'its messages reach users from serve()' },
  {
    source: 'dashboard/executor/control.ts',
    tests: 'dashboard/executor/executor-source.test.ts',
    reason: 'a source acts',
  },
  {
    source: 'dashboard/executor/worker-rows.ts',
    tests: 'dashboard/executor/executor-source.test.ts',
    reason: 'the rows are part of a frame',
  },
  { source: 'dashboard/server/listen.ts', tests: 'dashboard/serve.test.ts', reason: 'real requests reach it' },
  { source: 'dashboard/server/page-files.ts', tests: 'dashboard/serve.test.ts', reason: 'real requests reach it' },
  { source: 'dashboard/server/read-action.ts', tests: 'dashboard/serve.test.ts', reason: 'real requests reach it' },
  { source: 'dashboard/server/request-handler.ts', tests: 'dashboard/serve.test.ts', reason: 'real requests reach it' },
  { source: 'dashboard/page/', tests: 'dashboard/browser/run.mjs', reason: 'it runs in a browser' },
  {
    source: 'bullmq/monitor/job-events.ts',
    tests: 'bullmq/monitor/queue-source.test.ts',
    reason: 'it needs a real Redis',
  },
  {
    source: 'bullmq/monitor/queue-rows.ts',
    tests: 'bullmq/monitor/queue-source.test.ts',
    reason: 'a frame has the rows',
  },
  {
    source: 'dashboard/executor/run-name.ts',
    tests: 'dashboard/executor/executor-source.test.ts',
    reason: 'a frame has the names',
  },
  {
    source: 'bullmq/monitor/job-reader.ts',
    tests: 'bullmq/monitor/queue-source.test.ts',
    reason: 'it needs a real Redis',
  },
  { source: 'index.ts', tests: 'executor/', reason: 'an entry only exports' },
  { source: 'opentelemetry.ts', tests: 'opentelemetry/', reason: 'an entry only exports' },
  { source: 'opentelemetry/names.ts', tests: 'opentelemetry/spans.test.ts', reason: 'it is a list of names' },
  { source: 'engine/observe/tracer.ts', tests: 'opentelemetry/spans.test.ts', reason: 'it declares a port' },
  { source: 'trace.ts', tests: 'trace/', reason: 'an entry only exports' },
  { source: 'trace/recorded.ts', reason: 'it declares types' },
  { source: 'trace/trace-event.ts', reason: 'it declares types' },
  { source: 'terminal.ts', tests: 'terminal/', reason: 'an entry only exports' },
  { source: 'testing.ts', tests: 'backends/inline.test.ts', reason: 'an entry only exports' },
  { source: 'worker.ts', tests: 'guarantees/', reason: 'a task calls currentTask(), on a worker' },

  // Tested from outside, because the file connects parts that have tests of their own.
  {
    source: 'executor.ts',
    tests: 'executor/',
    reason: 'the folder tests its methods, except actors (G17), share (G18) and attach (bullmq/attach.test.ts)',
  },
  { source: 'options/', tests: 'executor/options.test.ts', reason: 'the constructor of Executor checks them' },
  {
    source: 'engine/engine.ts',
    tests: 'guarantees/',
    reason: 'it connects parts, and each guarantee needs all of them',
  },
  { source: 'engine/run/task-run.ts', tests: 'guarantees/', reason: 'a run needs an engine, a scheduler and a worker' },
  {
    source: 'engine/run/deadline.ts',
    tests: 'guarantees/g21-deadlines.test.ts',
    reason: 'a deadline follows a run through the whole engine',
  },
  {
    source: 'engine/sharing/shared.ts',
    tests: 'guarantees/g18-shared.test.ts',
    reason: 'calls of a whole executor accept a handle, refuse it, and free its value when it is collected',
  },
  {
    source: 'engine/sharing/sharing.ts',
    tests: 'guarantees/g18-shared.test.ts',
    reason: 'only an engine knows when the tasks that use a value have settled',
  },
  { source: 'engine/run/hidden-classes.ts', tests: 'bench/', reason: 'only a measurement shows its effect' },
  {
    source: 'engine/run/local-run.ts',
    tests: 'operators/chain.test.ts',
    reason: 'chain, recover and map with a key are its only users, and each has its own tests',
  },
  { source: 'terminal/progress-bar.ts', tests: 'terminal/bars.test.ts', reason: 'it connects counter and bars' },
  { source: 'terminal/groups.ts', tests: 'terminal/bars.test.ts', reason: 'the bars of groups show its effect' },
  { source: 'terminal/output.ts', tests: 'terminal/lines.test.ts', reason: 'it chooses between bars and lines' },
  { source: 'terminal/screen.ts', tests: 'terminal/bars.test.ts', reason: 'the lines of the bars show its effect' },
  {
    source: 'backends/factory/',
    tests: 'backends/factory.test.ts',
    reason: 'the conformance suite runs on each backend',
  },
  {
    source: 'backends/inline/',
    tests: 'backends/inline.test.ts',
    reason: 'the conformance suite runs on each backend',
  },
  {
    source: 'backends/processes/',
    tests: 'backends/processes.test.ts',
    reason: 'the conformance suite runs on each backend',
  },
  {
    source: 'backends/threads/',
    tests: 'backends/threads.test.ts',
    reason: 'the conformance suite runs on each backend',
  },
  {
    source: 'backends/tinypool/pool-worker.ts',
    tests: 'backends/',
    reason: 'the conformance suite opens real workers',
  },
  { source: 'backends/tinypool/start-pool.ts', tests: 'backends/', reason: 'the conformance suite opens real workers' },
  { source: 'backends/node-worker/session.ts', tests: 'backends/', reason: 'the conformance suite opens real workers' },
  {
    source: 'backends/tinypool/host-file.ts',
    tests: 'backends/missing-entry.test.ts',
    reason: 'a file that is missing can only be shown on a copy of the package',
  },

  // Each is a part of something that is tested as a whole.
  { source: 'submitter.ts', tests: 'executor/', reason: 'an Executor inherits its methods, which pass calls on' },
  { source: 'backends/node.ts', tests: 'executor/options.test.ts', reason: 'it is a list, which options read' },
  { source: 'backends/queue/backend.ts', tests: 'serving/service.test.ts', reason: 'a client is tested with a server' },
  { source: 'backends/node-worker/host.ts', tests: 'backends/', reason: 'it runs only on a new worker' },
  {
    source: 'engine/broadcast.ts',
    tests: 'executor/broadcast.test.ts',
    reason: 'the tests of the method start and end workers during a broadcast',
  },
  {
    source: 'engine/actors/actor-registry.ts',
    tests: 'engine/actors/actor-control.test.ts',
    reason: 'it makes the actors of that test, and G17 ends all of them at once',
  },
  {
    source: 'engine/actors/actor.ts',
    tests: 'backends/conformance/actors.ts',
    reason: 'the suite calls the methods of a handle on each backend',
  },
  { source: 'engine/actors/actor-plan.ts', reason: 'it declares types' },
  { source: 'engine/inputs/feed.ts', reason: 'it declares types' },
  {
    source: 'engine/inputs/wait-cycle.ts',
    tests: 'guarantees/g20-waiting-for-each-other.test.ts',
    reason: 'a cycle is made of tasks that wait on workers',
  },
  {
    source: 'engine/actors/rejected-calls.ts',
    tests: 'engine/actors/actor-control.test.ts',
    reason: 'it rejects the calls of the actors that end or die there',
  },
  {
    source: 'engine/observe/actor-events.ts',
    tests: 'engine/actors/actor-control.test.ts',
    reason: 'the tests compare the events of each actor',
  },
  {
    source: 'worker/actors/actor.ts',
    tests: 'worker/actors/actors.test.ts',
    reason: 'it declares the fields of an actor, which Actors fills',
  },
  {
    source: 'engine/map-input.ts',
    tests: 'executor/map.test.ts',
    reason: 'it creates real runs, whose futures and keys only an engine connects',
  },
  {
    source: 'engine/map-run.ts',
    tests: 'engine/map.test.ts',
    reason: 'mapStream() creates one for each reader, and the tests of map read its stream',
  },
  { source: 'engine/observe/recorder.ts', tests: 'executor/events/', reason: 'it passes events and counts on' },
  { source: 'engine/task-stream.ts', tests: 'executor/stream.test.ts', reason: 'it connects a reader and its runs' },
  { source: 'platform/async-storage.ts', reason: 'it exports a part of Node' },
  { source: 'platform/before-exit.ts', reason: 'its one function only calls one of Node' },
  { source: 'platform/channels.ts', reason: 'it exports a part of Node' },
  { source: 'platform/cpus.ts', reason: 'it exports a part of Node' },
  { source: 'platform/heap.ts', tests: 'worker/heap-limit.test.ts', reason: 'its one function only calls one of Node' },
  { source: 'platform/inspect.ts', reason: 'it exports a part of Node' },
  { source: 'platform/promises.ts', reason: 'its one function only calls one of Node' },
  { source: 'platform/view-kinds.ts', reason: 'it is a list of names' },
  {
    source: 'platform/which-runtime.ts',
    tests: 'backends/node-worker/refuse.test.ts',
    reason: 'it reads two properties of the process',
  },
  { source: 'platform/warn.ts', reason: 'its one function only calls one of Node' },
  { source: 'platform/load-module.ts', tests: 'executor/modules.test.ts', reason: 'Vitest replaces import() in it' },
  { source: 'protocol/queue/mail.ts', tests: 'serving/outbox.test.ts', reason: 'it declares the form of mail' },
  { source: 'serving/claimed-jobs.ts', tests: 'serving/service.test.ts', reason: 'a server is tested with a client' },
  { source: 'serving/job-outcomes.ts', tests: 'serving/service.test.ts', reason: 'a server is tested with a client' },
  { source: 'serving/served-jobs.ts', tests: 'serving/service.test.ts', reason: 'a server is tested with a client' },
  { source: 'serving/served-node.ts', tests: 'serving/service.test.ts', reason: 'a server is tested with a client' },
  { source: 'worker/job-steps.ts', tests: 'worker/job-runner.test.ts', reason: 'a runner runs the steps of each job' },
  { source: 'worker/running-tasks.ts', tests: 'worker/job-runner.test.ts', reason: 'a runner starts and ends them' },
  { source: 'protocol/stream/messages.ts', reason: 'it declares messages' },
  { source: 'stream/stream-iterator.ts', tests: 'stream/result-stream.test.ts', reason: 'a ResultStream makes it' },
  { source: 'stream/stream-pipe.ts', tests: 'types/inputs.test-d.ts', reason: 'it declares types' },
  { source: 'worker/stream.ts', tests: 'worker/streams.test.ts', reason: 'the tests open each through Streams' },

  // The scheduler is tested by idea: each step and each race has a test of its own.
  {
    source: 'scheduling/pass/scheduling-pass.ts',
    tests: 'scheduling/pass/',
    reason: 'each step of a pass has a test of its own',
  },
  { source: 'scheduling/pass/revoker.ts', tests: 'scheduling/pass/', reason: 'preempt and unblock test it by step' },
  {
    source: 'scheduling/worker-event-handler.ts',
    tests: 'scheduling/dispatcher.test.ts',
    reason: 'the dispatcher is tested with its workers',
  },
  { source: 'scheduling/worker/worker.ts', tests: 'scheduling/races/', reason: 'each race has a test of its own' },
  {
    source: 'scheduling/worker/worker-messages.ts',
    tests: 'scheduling/dispatcher.test.ts',
    reason: 'the dispatcher receives what the messages cause',
  },
  {
    source: 'scheduling/worker/job-tree-encoder.ts',
    tests: 'scheduling/job/job-tree.test.ts',
    reason: 'the trees that a worker receives show it',
  },
  {
    source: 'scheduling/worker/job-sender.ts',
    tests: 'scheduling/worker/transfer.test.ts',
    reason: 'the jobs that cannot be posted show it',
  },
  {
    source: 'scheduling/workforce/start-failures.ts',
    tests: 'scheduling/workforce/failed-starts.test.ts',
    reason: 'failed starts are tested as a whole',
  },
  {
    source: 'scheduling/worker/former-worker.ts',
    tests: 'leaks/workers.test.ts',
    reason: 'only the memory shows its effect',
  },
  { source: 'scheduling/worker/worker-listener.ts', reason: 'it declares types' },
  { source: 'scheduling/workforce/workforce-options.ts', reason: 'it declares types' },
  { source: 'scheduling/workforce/workforce-listener.ts', reason: 'it declares types' },

  // Most of this is true only with a real Redis, or with processes that are lost.
  { source: 'bullmq/client/backend.ts', tests: 'backends/bullmq.test.ts', reason: 'the conformance suite opens it' },
  {
    source: 'bullmq/options/backend-options.ts',
    tests: 'bullmq/options/check-options.test.ts',
    reason: 'the options of both halves are tested together',
  },
  {
    source: 'bullmq/options/serve-options.ts',
    tests: 'bullmq/options/check-options.test.ts',
    reason: 'the options of both halves are tested together',
  },
  {
    source: 'bullmq/server/serve.ts',
    tests: 'backends/bullmq.test.ts',
    reason: 'the conformance suite opens a server',
  },
  {
    source: 'bullmq/client/cancellations.ts',
    tests: 'bullmq/waiting.test.ts',
    reason: 'the script runs inside Redis',
  },
  { source: 'bullmq/options/report-options.ts', tests: 'bullmq/bull-board.test.ts', reason: 'it declares options' },
  { source: 'bullmq/options/serve-event.ts', reason: 'it declares types' },
  { source: 'bullmq/client/connection.ts', tests: 'backends/bullmq.test.ts', reason: 'it needs a real Redis' },
  { source: 'bullmq/client/jobs.ts', tests: 'bullmq/refusals.test.ts', reason: 'it needs a real Redis' },
  { source: 'bullmq/server/connection.ts', tests: 'bullmq/lost-servers.test.ts', reason: 'it needs a real Redis' },
  { source: 'bullmq/client/inbox.ts', tests: 'bullmq/silence.test.ts', reason: 'it needs a real Redis' },
  { source: 'bullmq/server/mail-script.ts', tests: 'bullmq/refusals.test.ts', reason: 'the script runs inside Redis' },
  {
    source: 'bullmq/stored/job-notes.ts',
    tests: 'bullmq/lost-chains.test.ts',
    reason: 'the notes decide what follows the loss of a server',
  },
  { source: 'bullmq/redis/redis.ts', tests: 'bullmq/unusable-redis.test.ts', reason: 'it needs a real Redis' },
  {
    source: 'bullmq/redis/stream-reader.ts',
    tests: 'bullmq/silence.test.ts',
    reason: 'it needs a network that dies silently',
  },
];
