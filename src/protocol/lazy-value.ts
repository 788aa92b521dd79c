/** A value that comes home as bytes and is decoded when somebody looks: most heads of chains are never looked at. */
import { fromBytes } from './serialize.js';

export class LazyValue {
  constructor(readonly bytes: Uint8Array) {}

  decode(): unknown {
    return fromBytes(this.bytes);
  }
}
