/**
 * A value that arrives as bytes and is decoded when it is first read. The value of a chain's first
 * step is rarely read.
 */
import { adopt } from '#platform/realm';
import { fromBytes } from './serialize.js';

export class LazyValue {
  constructor(readonly bytes: Uint8Array) {}

  decode(): unknown {
    return adopt(fromBytes(this.bytes));
  }
}
