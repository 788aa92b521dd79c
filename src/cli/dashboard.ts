/** `npx rx-futures dashboard`: serves a page that shows a queue. */
import { QueueSource } from '../bullmq/monitor/queue-source.js';
import { checkAddress } from '../bullmq/options/check-options.js';
import { checkOptions } from '../dashboard/options.js';
import { serveSources } from '../dashboard/serve.js';
import { isLoopback } from '../dashboard/server/access.js';
import { defined } from '../util/validate.js';
import { type Command, end, fail, readAddress, readArguments, readInteger } from './arguments.js';

const command: Command = {
  usage: `Usage: rx-futures dashboard --redis <url> --queue <name> [options]

Serves a page that shows a queue: its servers, the waiting and the running tasks, the throughput, and failures. The
page changes nothing. The value in parentheses is the default.

  --redis <url>          URL of Redis, such as redis://localhost:6379 (the value of REDIS_URL)
  --queue <name>         name of the queue
  --prefix <prefix>      prefix of BullMQ's keys (bull)
  --port <n>             port of the page (a free one)
  --host <address>       address of this machine on which to listen (127.0.0.1); with any other, the page needs its token
`,
};

const CONNECT_TIMEOUT = 10_000;

export async function dashboard(args: readonly string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const options = { redis: text, queue: text, prefix: text, port: text, host: text };
  const { values, positionals } = readArguments(args, options, command);
  if (positionals.length > 0) fail(`dashboard: unexpected argument "${positionals[0]}". Remove it.`, command);
  const address = { ...readAddress(values, command), prefix: values.prefix ?? 'bull' };
  const page = defined({ port: readInteger(values.port, 'port', command), host: values.host });
  try {
    checkAddress(address, 'dashboard');
    checkOptions(page);
    const source = await QueueSource.connect({ ...address, connectTimeout: CONNECT_TIMEOUT });
    const { url, token, close } = await serveSources([source], page);
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => void close().then(() => process.exit(0)));
    const isLocal = page.host === undefined || isLoopback(page.host);
    console.log(`rx-futures: the queue "${address.queue}" is shown at ${isLocal ? url : `${url}/?token=${token}`}`);
  } catch (error) {
    end(error as Error);
  }
}
