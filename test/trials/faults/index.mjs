/**
 * All faults, in the order of the table. A fault has these properties:
 *
 * - `id`: its name on the command line.
 * - `title`: its name in the table.
 * - `open`: the options of the pool.
 * - `needs`: a feature of the contender. Without the feature, the fault is not tried.
 * - `run`: the program.
 * - `next`: the expected outcome of a later task: 'works' (default) or 'fails'. With 'none', no
 *   task is submitted.
 */
import { cloning } from './cloning.mjs';
import { deaths } from './deaths.mjs';
import { errors } from './errors.mjs';
import { leftovers } from './leftovers.mjs';
import { loading } from './loading.mjs';
import { stopping } from './stopping.mjs';

export const faults = [...deaths, ...loading, ...errors, ...cloning, ...stopping, ...leftovers];
