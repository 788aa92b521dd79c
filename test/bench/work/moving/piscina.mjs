// @ts-check
/** Runs `touch` and transfers its result with the API of piscina. */
import { move as markMoved } from 'piscina';
import { touch } from '../tasks.mjs';

/** @param {Uint8Array} bytes */
export function move(bytes) {
  return markMoved(/** @type {ArrayBuffer} */ (touch(bytes).buffer));
}
