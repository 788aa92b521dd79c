/** Loads ioredis and BullMQ, which are optional packages. */
import { createRequire } from 'node:module';
import { isImportRefused, requireInSandbox } from '#platform/sandbox';

export type Driver = typeof import('ioredis');
export type BullMQ = typeof import('bullmq');

/** @throws Error if ioredis is not installed; the message names the command that installs it */
export async function loadDriver(): Promise<Driver> {
  return (await load('ioredis')) as Driver;
}

/** @throws Error if BullMQ is not installed; the message names the command that installs it */
export async function loadBullMQ(): Promise<BullMQ> {
  return (await load('bullmq')) as BullMQ;
}

/** Imports ioredis or BullMQ at run time, because both are optional: threads need neither. */
async function load(name: string): Promise<unknown> {
  try {
    // The comments keep bundlers from a search for the packages, as in platform/load-module.ts.
    return await import(/* webpackIgnore: true */ /* @vite-ignore */ /* turbopackIgnore: true */ name);
  } catch (cause) {
    if (isImportRefused(cause)) return requireInSandbox(name);
    if (isMissing(name)) {
      throw new Error(`rx-futures/bullmq requires "${name}", which is not installed. Run: npm install bullmq ioredis`, {
        cause,
      });
    }
    throw cause;
  }
}

function isMissing(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return false;
  } catch {
    return true;
  }
}
