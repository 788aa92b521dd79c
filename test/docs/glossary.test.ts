/** The two lists of words: each word is explained once in both together, and is in use. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { root } from './pages.js';

const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const concepts = read('docs/concepts.md');
const glossary = concepts.slice(concepts.indexOf('## Glossary'));
const [codeGlossary, twoSenses] = read('docs/internals/glossary.md').split('\n## Words with two senses\n') as [
  string,
  string,
];
/** The entries of a list: each is a line with a bold word, and the lines that continue it. */
const entriesOf = (text: string) => text.match(/^- \*\*.*(?:\n {2}.*)*/gm)!;
const wordsOf = (text: string) => [...text.matchAll(/\*\*(.+?)\*\*/g)].flatMap(([, words]) => words!.split(' / '));

/** The words that users meet. */
const publicWords = entriesOf(glossary).flatMap(wordsOf);

/** The words of the code. */
const codeWords = entriesOf(codeGlossary).flatMap(wordsOf);

/** The first word of each entry about the code, with the file or the folder that has the thing. */
const located = [...codeGlossary.matchAll(/^- \*\*(.+?)\*\* \(`(.+?)`\): /gm)].map(([, word, file]) => ({
  word: word!,
  file: file!,
}));

/** Returns the text of a file, or of all files below a folder. */
function textAt(file: string): string {
  const full = path.join(root, file);
  if (!statSync(full).isDirectory()) return readFileSync(full, 'utf8');
  return readdirSync(full)
    .map((name) => textAt(`${file}/${name}`))
    .join('\n');
}

const repeated = (words: readonly string[]) => words.filter((word, index) => words.indexOf(word) !== index);

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

it('each entry about the code names a file or a folder in which its word occurs', () => {
  expect(located.length).toBeGreaterThan(40);
  expect(located).toHaveLength(entriesOf(codeGlossary).length);
  const plain = (text: string) => text.toLowerCase().replace(/[-\s*]/g, '');
  expect(located.filter(({ word, file }) => !plain(textAt(file)).includes(plain(word)))).toEqual([]);
});

it('no word is explained twice in one list', () => {
  expect(repeated(publicWords)).toEqual([]);
  expect(repeated(codeWords)).toEqual([]);
});

it('no word is explained in both lists, because it would have two meanings', () => {
  expect(codeWords.filter((word) => publicWords.includes(word))).toEqual([]);
});

it('a word with two senses is explained in one list, and its second sense once', () => {
  const words = entriesOf(twoSenses).flatMap(wordsOf);
  expect(words.length).toBeGreaterThan(0);
  expect(repeated(words)).toEqual([]);
  expect(words.filter((word) => !publicWords.includes(word) && !codeWords.includes(word))).toEqual([]);
});

it('each identifier and each file that a list names exists in src', () => {
  const names = [...`${glossary}${codeGlossary}${twoSenses}`.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
  const [files, identifiers] = [
    names.filter((name) => name.includes('/')),
    names.filter((name) => !name.includes('/')),
  ];
  expect(files.length).toBeGreaterThan(40);
  expect(identifiers.length).toBeGreaterThan(10);
  expect(files.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  const known = new Set(textAt('src').match(/[A-Za-z_]\w*/g));
  expect(identifiers.filter((name) => !known.has(name))).toEqual([]);
});
