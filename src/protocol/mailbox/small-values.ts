/**
 * Writes small values as 32-bit words, and reads them. The words travel through shared memory
 * (ring.ts), where a structured clone and its message would cost more than most small tasks.
 *
 * Numbers, strings, booleans, null, undefined, and plain arrays and objects of them can be written.
 * A value that is read equals the structured clone of the value that was written. The writer
 * refuses every other value, and every value that is too large. Such values travel as messages.
 */

/** Maximum number of words of one letter. A larger batch costs less per job as a message. */
export const MAX_LETTER_WORDS = 512;
/** Maximum number of characters of a string. A longer string is cheaper to clone. */
const MAX_STRING = 128;
/**
 * Maximum number of objects in a letter. Each object is compared with all objects before it,
 * because an object that occurs twice must not become two objects.
 */
const MAX_OBJECTS = 16;

// Tags. A string, an array and an object have their length in the bits above the tag.
const UNDEFINED = 0;
const NULL = 1;
const FALSE = 2;
const TRUE = 3;
const INTEGER = 4;
const DOUBLE = 5;
const STRING = 6;
const ARRAY = 7;
const OBJECT = 8;
const TAG_BITS = 4;
const TAG_MASK = (1 << TAG_BITS) - 1;

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

export class SmallValueWriter {
  /** The words that were written. Valid up to `length`. */
  readonly words = new Int32Array(MAX_LETTER_WORDS);
  length = 0;
  readonly #seen: object[] = [];

  clear(): void {
    this.length = 0;
    this.#seen.length = 0;
  }

  /** Returns false if the number is not an integer of 32 bits, or if there is no room. */
  addInteger(value: number): boolean {
    if ((value | 0) !== value || this.length >= MAX_LETTER_WORDS) return false;
    this.words[this.length++] = value;
    return true;
  }

  /** Returns false if there is no room. */
  addDouble(value: number): boolean {
    if (this.length + 2 > MAX_LETTER_WORDS) return false;
    double[0] = value;
    this.words[this.length++] = halves[0]!;
    this.words[this.length++] = halves[1]!;
    return true;
  }

  /**
   * Returns false if the value can't be written. The words of a refused value are not valid.
   *
   * @throws the error of a getter or of a trap in the value
   */
  add(value: unknown): boolean {
    switch (typeof value) {
      case 'number':
        return this.#addNumber(value);
      case 'string':
        return this.#addString(value);
      case 'boolean':
        return this.addInteger(value ? TRUE : FALSE);
      case 'undefined':
        return this.addInteger(UNDEFINED);
      case 'object':
        return value === null ? this.addInteger(NULL) : this.#addObject(value);
      default:
        return false;
    }
  }

  #addNumber(value: number): boolean {
    // `| 0` would turn -0 into 0.
    if ((value | 0) === value && (value !== 0 || 1 / value > 0))
      return this.addInteger(INTEGER) && this.addInteger(value);
    return this.addInteger(DOUBLE) && this.addDouble(value);
  }

  /** Two characters share a word. */
  #addString(value: string): boolean {
    const { length } = value;
    if (length > MAX_STRING || this.length + 1 + ((length + 1) >> 1) > MAX_LETTER_WORDS) return false;
    this.words[this.length++] = STRING | (length << TAG_BITS);
    let i = 0;
    for (; i + 1 < length; i += 2) this.words[this.length++] = value.charCodeAt(i) | (value.charCodeAt(i + 1) << 16);
    if (i < length) this.words[this.length++] = value.charCodeAt(i);
    return true;
  }

  #addObject(value: object): boolean {
    const seen = this.#seen;
    if (seen.length >= MAX_OBJECTS || seen.includes(value)) return false;
    seen.push(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Array.prototype) return Array.isArray(value) && this.#addArray(value);
    return prototype === Object.prototype && this.#addProperties(value as Readonly<Record<string, unknown>>);
  }

  /** Refuses a sparse array, and an array with other properties. */
  #addArray(values: readonly unknown[]): boolean {
    const { length } = values;
    if (length > MAX_LETTER_WORDS || Object.keys(values).length !== length) return false;
    if (!this.addInteger(ARRAY | (length << TAG_BITS))) return false;
    for (let i = 0; i < length; i++) if (!this.add(values[i])) return false;
    return true;
  }

  #addProperties(value: Readonly<Record<string, unknown>>): boolean {
    const keys = Object.keys(value);
    if (keys.length > MAX_LETTER_WORDS || !this.addInteger(OBJECT | (keys.length << TAG_BITS))) return false;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      // An assignment to this key would set the prototype of the copy.
      if (key === '__proto__' || !this.#addString(key) || !this.add(value[key])) return false;
    }
    return true;
  }
}

/** Reads words of a ring: `at` is a position, and `mask` turns it into an index. */
export class SmallValueReader {
  at = 0;

  constructor(
    readonly words: Int32Array,
    readonly mask: number,
  ) {}

  integer(): number {
    return this.words[this.at++ & this.mask]!;
  }

  double(): number {
    halves[0] = this.integer();
    halves[1] = this.integer();
    return double[0]!;
  }

  value(): unknown {
    const word = this.integer();
    switch (word & TAG_MASK) {
      case INTEGER:
        return this.integer();
      case DOUBLE:
        return this.double();
      case STRING:
        return this.#string(word >> TAG_BITS);
      case ARRAY:
        return this.#array(word >> TAG_BITS);
      case OBJECT:
        return this.#object(word >> TAG_BITS);
      case TRUE:
        return true;
      case FALSE:
        return false;
      case NULL:
        return null;
      default:
        return undefined;
    }
  }

  #string(length: number): string {
    const codes = new Array<number>(length);
    for (let i = 0; i < length; i += 2) {
      const word = this.integer();
      codes[i] = word & 0xffff;
      if (i + 1 < length) codes[i + 1] = word >>> 16;
    }
    return String.fromCharCode.apply(null, codes);
  }

  #array(length: number): unknown[] {
    const values = new Array<unknown>(length);
    for (let i = 0; i < length; i++) values[i] = this.value();
    return values;
  }

  #object(size: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (let i = 0; i < size; i++) {
      const key = this.#string(this.integer() >> TAG_BITS);
      object[key] = this.value();
    }
    return object;
  }
}
