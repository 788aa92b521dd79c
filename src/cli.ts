#!/usr/bin/env node
/** `npx rx-futures serve`: a worker machine from the command line. */
import { parseArgs } from 'node:util';
import type { ServeEvent } from './bullmq/server/notices.js';
import { serveTasks } from './bullmq/server/serve.js';
import { defined } from './util/validate.js';

const usage = `Usage: rx-futures serve <module> --redis <url> --queue <name> [options]

Runs the tasks of an executor with bullmqBackend() on this machine. <module> is the file whose exports are the tasks.

  --redis <url>          where Redis is, such as redis://localhost:6379 (or the variable REDIS_URL)
  --queue <name>         the name of the queue
  --prefix <prefix>      of BullMQ's keys (bull)
  --workers <n>          threads (as many as there are processors)
  --concurrency <n>      tasks that each of them interleaves (1)
  --initializer <name>   an export that runs once on each thread before its first task
  --terminate-after <ms> grace for a cancelled task before its thread is ended (5000)
  --max-payload <bytes>  that arguments and results may have (16777216)
  --name <name>          of this machine, in errors and events (its host and process)
  --lost-after <ms>      without a sign of life after which a machine counts as lost (30000)
  --rerun-lost <n>       how often a job is run again whose machine was lost (0)

SIGTERM and SIGINT let it finish what it has; the second one ends it at once.
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
        'terminate-after': { type: 'string' },
        'max-payload': { type: 'string' },
        name: { type: 'string' },
        'lost-after': { type: 'string' },
        'rerun-lost': { type: 'string' },
      },
    });
  } catch (error) {
    return fail((error as Error).message);
  }
}

function number(value: string | undefined, name: string): number | undefined {
  if (value === undefined) return undefined;
  const read = Number(value);
  return Number.isSafeInteger(read) ? read : fail(`--${name}: expected a whole number, got ${value}`);
}

const { values, positionals } = readArguments();
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const [command, tasks, ...more] = positionals;
if (command !== 'serve') fail(command === undefined ? 'What shall it do?' : `There is no command ${command}.`);
if (tasks === undefined) fail('serve: expected the task module.');
if (more.length > 0) fail(`serve: expected one task module, got ${[tasks, ...more].join(', ')}`);
const connection = values.redis ?? process.env.REDIS_URL ?? fail('--redis: expected the URL of Redis.');
const queue = values.queue ?? fail('--queue: expected the name of the queue.');

const options = {
  connection,
  queue,
  tasks,
  prefix: values.prefix,
  maxWorkers: number(values.workers, 'workers'),
  concurrency: number(values.concurrency, 'concurrency'),
  initializer: values.initializer,
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
      console.log(`rx-futures: ${signal}, finishing what it has`);
      service.close().then(
        () => process.exit(0),
        (error) => {
          console.error(error);
          process.exit(1);
        },
      );
    });
  }
  // Last: whoever reads it may send a signal at once.
  console.log(`rx-futures: serving ${tasks} on the queue ${queue}`);
} catch (error) {
  const { name, message } = error as Error;
  console.error(`rx-futures: ${name}: ${message}`);
  process.exit(1);
}
