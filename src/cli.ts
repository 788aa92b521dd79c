#!/usr/bin/env node
/** `npx rx-futures serve`: starts a server of a queue from the command line. */
import { parseArgs } from 'node:util';
import type { ServeEvent } from './bullmq/options/serve-event.js';
import { serveTasks } from './bullmq/server/serve.js';
import { defined } from './util/validate.js';

const usage = `Usage: rx-futures serve <module> --redis <url> --queue <name> [options]

Starts a server that runs the tasks of a queue, for executors with bullmqBackend(). <module> is the file whose exports
are the tasks. The value in parentheses is the default.

  --redis <url>          URL of Redis, such as redis://localhost:6379 (the value of REDIS_URL)
  --queue <name>         name of the queue
  --prefix <prefix>      prefix of BullMQ's keys (bull)
  --workers <n>          maximum number of worker threads (the number of processors)
  --concurrency <n>      maximum number of tasks that one thread runs at the same time (1)
  --initializer <name>   export that runs once on each thread, before its first task
  --finalizer <name>     export that runs once on each thread, after its last task
  --terminate-after <ms> time that a cancelled task may still run before its thread is terminated (5000)
  --max-payload <bytes>  maximum size of the arguments, and of the result, of a task (16777216)
  --name <name>          name of this server in errors and events (its machine and process)
  --lost-after <ms>      time without a heartbeat after which a server counts as lost (30000)
  --rerun-lost <n>       how often a job is run again after its server was lost (0)
  --close-timeout <ms>   maximum time from a signal to the exit; tasks that still run are then cancelled (no limit)

On SIGTERM or SIGINT the server finishes its jobs and exits. On a second signal it exits at once.
`;

function fail(message: string): never {
  console.error(`${message}\n\n${usage}`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        redis: { type: 'string' },
        queue: { type: 'string' },
        prefix: { type: 'string' },
        workers: { type: 'string' },
        concurrency: { type: 'string' },
        initializer: { type: 'string' },
        finalizer: { type: 'string' },
        'terminate-after': { type: 'string' },
        'max-payload': { type: 'string' },
        name: { type: 'string' },
        'lost-after': { type: 'string' },
        'rerun-lost': { type: 'string' },
        'close-timeout': { type: 'string' },
      },
    });
  } catch (error) {
    return fail((error as Error).message);
  }
}

function number(value: string | undefined, name: string): number | undefined {
  if (value === undefined) return undefined;
  const read = Number(value);
  return Number.isSafeInteger(read)
    ? read
    : fail(`--${name}: expected an integer, got "${value}". Pass a number such as --${name} 2.`);
}

const { values, positionals } = readArguments();
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const [command, tasks, ...more] = positionals;
if (command !== 'serve')
  fail(command === undefined ? 'Missing command. Use "serve".' : `Unknown command "${command}". Use "serve".`);
if (tasks === undefined) fail('serve: the task module is missing. Pass its file as <module>.');
if (more.length > 0)
  fail(
    `serve: expected one task module, got ${[tasks, ...more].map((name) => `"${name}"`).join(', ')}. Remove the others.`,
  );
const connection =
  values.redis ??
  process.env.REDIS_URL ??
  fail('The URL of Redis is missing. Pass --redis, or set the variable REDIS_URL.');
const queue = values.queue ?? fail('The name of the queue is missing. Pass --queue.');
const closeTimeout = number(values['close-timeout'], 'close-timeout') ?? Number.POSITIVE_INFINITY;
if (closeTimeout < 0)
  fail(`--close-timeout: expected a time in ms, 0 or more, got "${closeTimeout}". Omit the option for no limit.`);

const options = {
  connection,
  queue,
  tasks,
  prefix: values.prefix,
  maxWorkers: number(values.workers, 'workers'),
  concurrency: number(values.concurrency, 'concurrency'),
  initializer: values.initializer,
  finalizer: values.finalizer,
  terminateAfter: number(values['terminate-after'], 'terminate-after'),
  maxPayload: number(values['max-payload'], 'max-payload'),
  name: values.name,
  lostAfter: number(values['lost-after'], 'lost-after'),
  rerunLost: number(values['rerun-lost'], 'rerun-lost'),
  onEvent({ message, omitted }: ServeEvent) {
    console.log(`rx-futures: ${message}${omitted === 0 ? '' : ` (and ${omitted} more like this)`}`);
  },
};

try {
  const service = await serveTasks(defined(options) as Parameters<typeof serveTasks>[0]);
  service.closed.catch((error: Error) => {
    console.error(`rx-futures: ${error.name}: ${error.message}`);
    process.exit(1);
  });
  let isClosing = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isClosing) process.exit(1);
      isClosing = true;
      const limit = closeTimeout === Number.POSITIVE_INFINITY ? '' : ` for at most ${closeTimeout} ms`;
      console.log(`rx-futures: received ${signal}, finishing the running jobs${limit}`);
      service.close({ timeout: closeTimeout }).then(
        () => process.exit(0),
        (error) => {
          console.error(error);
          process.exit(1);
        },
      );
    });
  }
  // The line is printed last, because a program that reads it may send a signal at once.
  console.log(`rx-futures: serving "${tasks}" on the queue "${queue}"`);
} catch (error) {
  const { name, message } = error as Error;
  console.error(`rx-futures: ${name}: ${message}`);
  process.exit(1);
}
