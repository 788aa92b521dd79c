/** Shows any value as text, for messages that a person reads. */
export { inspect } from 'node:util';
