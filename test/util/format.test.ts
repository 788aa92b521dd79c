import { expect, it } from 'vitest';
import { kindOf, withArticle } from '../../src/util/format.js';

function* numbers() {
  yield 1;
}

it.each<[kind: string, value: object]>([
  ['Page', new (class Page {})()],
  ['MessagePort', new MessageChannel().port1],
  ['Generator', numbers()],
  ['Object', Object.create(null)],
  ['Array', []],
])('an object of the class %s has this kind', (kind, value) => {
  expect(kindOf(value)).toBe(kind);
});

it.each(['an AbortSignal', 'an Array', 'a Page', 'a Uint8Array', 'a URL', 'an Uploader'])(
  'the article of a kind follows its sound: %s',
  (text) => {
    expect(withArticle(text.replace(/^an? /, ''))).toBe(text);
  },
);
