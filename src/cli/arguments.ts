/** Reads the arguments of a command. Each mistake ends the process with its usage. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

export interface Command {
  readonly usage: string;
}

/** Prints what is wrong with the arguments, and ends the process. */
export function fail(message: string, { usage }: Command): never {
  console.error(`${message}\n\n${usage}`);
  process.exit(2);
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** The options and the other arguments of a command. */
export type Arguments<T extends Options> = ReturnType<typeof parseArgs<{ allowPositionals: true; options: T }>>;

/** Reads the options and the other arguments of a command. `--help` prints the usage. */
export function readArguments<T extends Options>(args: readonly string[], options: T, command: Command): Arguments<T> {
  const all = { ...options, help: { type: 'boolean', short: 'h' } } as const;
  try {
    const read = parseArgs({ args: [...args], allowPositionals: true, options: all });
    if ((read.values as { help?: boolean }).help !== true) return read as Arguments<T>;
  } catch (error) {
    return fail((error as Error).message, command);
  }
  console.log(command.usage);
  process.exit(0);
}

export function readInteger(value: string | undefined, name: string, command: Command): number | undefined {
  if (value === undefined) return undefined;
  const read = Number(value);
  return Number.isSafeInteger(read)
    ? read
    : fail(`--${name}: expected an integer, got "${value}". Pass a number such as --${name} 2.`, command);
}

/** Returns the URL of Redis and the name of the queue. */
export function readAddress(
  { redis = process.env['REDIS_URL'], queue }: { redis?: string | undefined; queue?: string | undefined },
  command: Command,
): { connection: string; queue: string } {
  return {
    connection: redis ?? fail('The URL of Redis is missing. Pass --redis, or set the variable REDIS_URL.', command),
    queue: queue ?? fail('The name of the queue is missing. Pass --queue.', command),
  };
}

/** Ends the process with an error that is not a mistake in the arguments. */
export function end({ name, message }: Error): never {
  console.error(`rx-futures: ${name}: ${message}`);
  process.exit(1);
}
