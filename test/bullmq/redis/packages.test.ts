import { beforeEach, describe, expect, it, vi } from 'vitest';
import { loadBullMQ, loadDriver } from '../../../src/bullmq/redis/packages.js';

/** Packages that `require.resolve` does not find. */
const missing = vi.hoisted(() => new Set<string>());

vi.mock('node:module', async (original) => {
  const actual = await original<typeof import('node:module')>();
  const createRequire = (from: string) => ({
    resolve: (name: string) => {
      if (missing.has(name)) throw new Error(`Cannot find module '${name}'`);
      return actual.createRequire(from).resolve(name);
    },
  });
  return { ...actual, createRequire };
});
vi.mock('ioredis', () => {
  throw new Error('ioredis does not load');
});
vi.mock('bullmq', () => {
  throw new Error('bullmq does not load');
});

beforeEach(() => missing.clear());

const packages = [
  ['ioredis', loadDriver],
  ['bullmq', loadBullMQ],
] as const;

describe('the optional packages of a queue', () => {
  it.each(packages)('the error for %s names the command that installs it if it is missing', async (name, load) => {
    missing.add(name);
    const error = await load().catch((error: unknown) => error);
    expect((error as Error).message).toBe(
      `rx-futures/bullmq requires "${name}", which is not installed. Run: npm install bullmq ioredis`,
    );
    expect((error as Error).cause).toBeInstanceOf(Error);
  });

  it.each(packages)('the own error of %s is passed on if it is installed and does not load', async (name, load) => {
    const error = await load().catch((error: unknown) => error);
    expect((error as Error).message).not.toContain('which is not installed');
    expect(((error as Error).cause as Error).message).toBe(`${name} does not load`);
  });
});
