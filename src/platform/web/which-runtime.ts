/** A browser runs no programs of Node. */
import type { Versions } from '../which-runtime.js';

export const versions: Versions = {};
export const isBun: boolean = false;
export const isDeno: boolean = false;
