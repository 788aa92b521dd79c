/** The glossaries: each word of users and of the code is explained once, and is in use. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { root } from './pages.js';

const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const concepts = read('docs/concepts.md');
const glossary = concepts.slice(concepts.indexOf('## Glossary'));
const wordsOf = (text: string) => [...text.matchAll(/\*\*(.+?)\*\*/g)].flatMap(([, words]) => words!.split(' / '));

/** The words that users meet. */
const publicWords = glossary.match(/^- \*\*.*(?:\n {2}.*)*/gm)!.flatMap(wordsOf);

/** The words of the code, each with the file or the folder that has the thing. */
const codeWords = [...read('docs/internals/glossary.md').matchAll(/^- \*\*(.+?)\*\* \(`(.+?)`\): /gm)].map(
  ([, word, place]) => ({ word: word!, place: place! }),
);

/** Returns the text of a file, or of all files below a folder. */
function textAt(place: string): string {
  const full = path.join(root, place);
  if (!statSync(full).isDirectory()) return readFileSync(full, 'utf8');
  return readdirSync(full)
    .map((name) => textAt(`${place}/${name}`))
    .join('\n');
}

/** Words of the API that need no explanation beside their own documentation. */
const plainWords = ['signal', 'terminateAfter'];

it('the glossary explains each option of a task', () => {
  const [, members] = /export interface TaskOptions \{([\s\S]*?)\n\}/.exec(read('src/engine/handles/task-options.ts'))!;
  const options = [...members!.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => name!);
  expect(options).toContain('deadline');
  const known = new Set([...publicWords.map((word) => word.replace(/[- ]/g, '').toLowerCase()), ...plainWords]);
  const isKnown = (option: string) => known.has(option) || known.has(option.toLowerCase());
  expect(options.filter((option) => !isKnown(option))).toEqual([]);
});

it('the glossary explains what each event reports', () => {
  const events = [...read('src/engine/observe/events.ts').matchAll(/^ {2}'(?:task|worker)-(\w+)': channel/gm)];
  expect(events.length).toBeGreaterThan(8);
  const forms = new Set(publicWords.flatMap((word) => [word, `${word}d`, `${word}ted`, word.replace(/y$/, 'ied')]));
  expect(events.map(([, what]) => what!).filter((what) => !forms.has(what))).toEqual([]);
});

it('each word of the code occurs in the file or the folder that its entry names', () => {
  expect(codeWords.length).toBeGreaterThan(40);
  const plain = (text: string) => text.toLowerCase().replace(/[-\s*]/g, '');
  const isInUse = ({ word, place }: (typeof codeWords)[number]) => plain(textAt(place)).includes(plain(word));
  expect(codeWords.filter((entry) => !isInUse(entry))).toEqual([]);
});

it('no word is explained twice in one list, unless it has another place there', () => {
  const repeated = (keys: readonly string[]) => keys.filter((key, index) => keys.indexOf(key) !== index);
  expect(repeated(publicWords)).toEqual([]);
  expect(repeated(codeWords.map(({ word, place }) => `${word} in ${place}`))).toEqual([]);
});
