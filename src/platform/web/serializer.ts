/**
 * Writes values as bytes, which a browser can't do. Each attempt throws, and the caller then clones
 * the value.
 */

export type ValueBytes = Uint8Array<ArrayBuffer>;

export class ValueSerializer {
  writeHeader(): void {
    throw new TypeError("a browser can't write values as bytes");
  }

  writeValue(_value: unknown): boolean {
    return false;
  }

  releaseBuffer(): ValueBytes {
    return new Uint8Array();
  }
}

export class ValueDeserializer {
  constructor(readonly bytes: Uint8Array) {}

  readHeader(): boolean {
    throw new TypeError("a browser can't read values from bytes");
  }

  readValue(): unknown {
    return undefined;
  }
}
