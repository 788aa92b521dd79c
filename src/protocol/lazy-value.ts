/** A value that came home as bytes and is decoded when somebody looks: most heads of chains are never looked at. */
import { deserialize } from 'node:v8';

export class LazyValue {
  constructor(readonly bytes: Uint8Array) {}

  decode(): unknown {
    return deserialize(this.bytes);
  }
}
