/** Refuses options that Bun or Deno lacks. */
import { type Versions, versions } from '#platform/which-runtime';

/** Throws on Bun and Deno, where a child process can't run tasks. @throws TypeError */
export function refuseProcesses({ bun, deno }: Versions = versions): void {
  if (bun === undefined && deno === undefined) return;
  const reason = bun === undefined ? `Deno ${deno} ends the program` : `Bun ${bun} has no Serializer of "node:v8"`;
  throw new TypeError(
    `Executor: option "runtime": 'child_process' works on Node only, because ${reason}. Remove the option, so that tasks run on worker threads, or run the program on Node.`,
  );
}

/** Throws on Bun, whose threads ignore limits. @throws TypeError */
export function refuseLimits(limits: object, { bun }: Versions = versions): void {
  if (bun === undefined) return;
  throw new TypeError(
    `Executor: option "resourceLimits": the threads of Bun ${bun} have no limits, so ${Object.keys(limits).join(', ')} would have no effect. Remove the option, use "maxMemoryPerWorker", or run the program on Node or Deno.`,
  );
}
