/** Words for messages, the same on both sides of the wall. */

/** What an object is, in a word: `Page`, `MessagePort`, `Generator`. */
export function kindOf(value: object): string {
  // The class before the tag: that of a MessagePort is its base's, EventTarget. What has no class with a name (a generator) has a tag.
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === 'string' && name !== '' ? name : Object.prototype.toString.call(value).slice(8, -1);
}

/** `an AbortSignal`, `a Page`; by the sound of it: `a Uint8Array`, `a URL`. */
export function withArticle(kind: string): string {
  return `${/^([AEIO]|U(?!int|RL))/.test(kind) ? 'an' : 'a'} ${kind}`;
}
