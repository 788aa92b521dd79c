/** `npx rx-futures serve`: starts a server of a queue. */
import type { ServeEvent } from '../bullmq/options/serve-event.js';
import { serveTasks } from '../bullmq/server/serve.js';
import { defined } from '../util/validate.js';
import { type Command, end, fail, readAddress, readArguments, readInteger } from './arguments.js';

const command: Command = {
  usage: `Usage: rx-futures serve <module> --redis <url> --queue <name> [options]

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
  --report <parts>       what dashboards such as bull-board show of each job besides its state: a list of results,
                         progress and logs, separated by commas (nothing)
  --close-timeout <ms>   maximum time from a signal to the exit; tasks that still run are then cancelled (no limit)

On SIGTERM or SIGINT the server finishes its jobs and exits. On a second signal it exits at once.
`,
};

const text = { type: 'string' } as const;
const known = {
  redis: text,
  queue: text,
  prefix: text,
  workers: text,
  concurrency: text,
  initializer: text,
  finalizer: text,
  'terminate-after': text,
  'max-payload': text,
  name: text,
  'lost-after': text,
  'rerun-lost': text,
  report: text,
  'close-timeout': text,
};

const parts = ['results', 'progress', 'logs'];

/** Returns the option `report` of serveTasks() for a list such as `results,logs`. */
function readReport(list: string | undefined): Record<string, true> | undefined {
  if (list === undefined) return undefined;
  const names = list.split(',');
  const unknown = names.find((name) => !parts.includes(name));
  if (unknown !== undefined)
    fail(`--report: expected a list of ${parts.join(', ')}, got "${list}". Pass a list such as results,logs.`, command);
  return Object.fromEntries(names.map((name) => [name, true as const]));
}

export async function serve(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args, known, command);
  const [tasks, ...more] = positionals;
  if (tasks === undefined) fail('serve: the task module is missing. Pass its file as <module>.', command);
  if (more.length > 0) {
    const names = [tasks, ...more].map((name) => `"${name}"`).join(', ');
    fail(`serve: expected one task module, got ${names}. Remove the others.`, command);
  }
  const number = (name: keyof typeof known) => readInteger(values[name], name, command);
  const { connection, queue } = readAddress(values, command);
  const closeTimeout = number('close-timeout') ?? Number.POSITIVE_INFINITY;
  if (closeTimeout < 0) {
    fail(
      `--close-timeout: expected a time in ms, 0 or more, got "${closeTimeout}". Omit the option for no limit.`,
      command,
    );
  }
  const options = {
    ...{ connection, queue, tasks },
    prefix: values.prefix,
    maxWorkers: number('workers'),
    concurrency: number('concurrency'),
    initializer: values.initializer,
    finalizer: values.finalizer,
    terminateAfter: number('terminate-after'),
    maxPayload: number('max-payload'),
    name: values.name,
    lostAfter: number('lost-after'),
    rerunLost: number('rerun-lost'),
    report: readReport(values.report),
    onEvent({ message, omitted }: ServeEvent) {
      console.log(`rx-futures: ${message}${omitted === 0 ? '' : ` (and ${omitted} more like this)`}`);
    },
  };
  try {
    const service = await serveTasks(defined(options) as Parameters<typeof serveTasks>[0]);
    service.closed.catch(end);
    closeOnSignals(service, closeTimeout);
    // The line is printed last, because a program that reads it may send a signal at once.
    console.log(`rx-futures: serving "${tasks}" on the queue "${queue}"`);
  } catch (error) {
    end(error as Error);
  }
}

function closeOnSignals(service: Awaited<ReturnType<typeof serveTasks>>, closeTimeout: number): void {
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
}
