/**
 * All faults, in the order of the table. A fault: `id` for the command line, `title` for the table, `open` what the pool is
 * opened with, `needs` a feature without which there is nothing to try, `run` the program, and `next`, what a task that is
 * submitted afterwards should do: 'works' (default), 'fails', or 'none' where it is not asked.
 */
import { cloning } from './cloning.mjs';
import { deaths } from './deaths.mjs';
import { errors } from './errors.mjs';
import { leftovers } from './leftovers.mjs';
import { loading } from './loading.mjs';
import { stopping } from './stopping.mjs';

export const faults = [...deaths, ...loading, ...errors, ...cloning, ...stopping, ...leftovers];
