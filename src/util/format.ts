/** Describes values in messages. The main thread and the workers use the same functions. */

/** Returns the name of an object's class: `Page`, `MessagePort`, `Generator`. */
export function kindOf(value: object): string {
  // The class comes before the tag, because the tag of a MessagePort is that of its base class,
  // EventTarget. An object whose class has no name (a generator) has a tag.
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === 'string' && name !== '' ? name : Object.prototype.toString.call(value).slice(8, -1);
}

/**
 * Returns the name with its article, chosen by sound: `an AbortSignal`, `a Page`, `a Uint8Array`,
 * `a URL`.
 */
export function withArticle(kind: string): string {
  return `${/^([AEIO]|U(?!int|RL))/.test(kind) ? 'an' : 'a'} ${kind}`;
}

/** Maximum number of characters of a message in one line. */
const MAX_MESSAGE_LENGTH = 300;

/** Shortens the message of an error to one line without a full stop. */
export function oneLine(message: string): string {
  return message
    .replace(/\s+/g, ' ')
    .slice(0, MAX_MESSAGE_LENGTH)
    .replace(/[.\s]+$/, '');
}
