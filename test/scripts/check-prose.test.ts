import { describe, expect, test } from 'vitest';
import { check } from '../../scripts/check-prose.mjs';

/** The rules that a text breaks, each with its line. */
const rules = (file: string, text: string): string[] =>
  check(file, text).map(({ line, rule }: { line: number; rule: string }) => `${line} ${rule}`);

describe('check-prose', () => {
  test('plain comments, code and pictures pass', () => {
    const text = [
      '/**',
      ' * Returns the job of a slot. `What` is code, and so is `a nobody of it`.',
      ' *',
      ' *   Where   a picture   stands',
      ' *',
      ' * @example',
      ' * ```ts',
      " * const what = 'Who goes home?';",
      ' * ```',
      ' */',
      'const pattern = /\\/\\/ Who is nobody/;',
      "const text = '// Who';",
      'const template = `// What $' + '{pattern} // Who`;',
    ].join('\n');
    expect(rules('src/job.ts', text)).toEqual([]);
  });

  test('an inverted sentence is found in the middle of a comment', () => {
    expect(rules('src/job.ts', '\n// Sends it. What is\n// sent waits.\n')).toEqual(['2 inverted sentence "What"']);
  });

  test('a comment does not start with a pronoun, but its later sentences may', () => {
    expect(rules('src/job.ts', '\n// This is late.\nconst a = 1;\n/**\n * They run.\n */')).toEqual([
      '2 comment starts with "This"',
      '4 comment starts with "They"',
    ]);
    expect(rules('src/job.ts', "// The job is late. It runs.\n/** Its worker. */\nconst a = '// It';")).toEqual([]);
    expect(rules('docs/page.md', 'This page has examples.')).toEqual([]);
  });

  test('the header of a file does not start with "Knows", but a later comment may', () => {
    expect(rules('src/job.ts', '/**\n * Knows all jobs.\n */\n// Knows one.')).toEqual([
      '1 file header starts with "Knows"',
    ]);
    expect(rules('scripts/job.mjs', '#!/usr/bin/env node\n// Knows all.')).toEqual([
      '2 file header starts with "Knows"',
    ]);
  });

  test('a private word is reported with the right one', () => {
    const [fault] = check('src/job.ts', '/** Runs a leg. */');
    expect(fault).toEqual({ line: 1, rule: 'private word "leg"', right: 'job', sentence: 'Runs a leg.' });
  });

  test('"is no" is refused, but "is no longer" and "there is no" pass', () => {
    expect(rules('src/job.ts', '// The leaf is no job.')).toEqual(['1 negation "is no"']);
    expect(rules('src/job.ts', '// The job is no longer waiting. There is no queue.')).toEqual([]);
  });

  test('a sentence has 25 words at most, and a code span counts as one', () => {
    const words = (count: number) => Array.from({ length: count }, () => 'word').join('\n// ');
    expect(rules('src/job.ts', `// ${words(25)}.`)).toEqual([]);
    expect(rules('src/job.ts', `// ${words(26)}.`)).toEqual(['1 26 words']);
    expect(rules('src/job.ts', `// ${words(24)} \`a b c\`.`)).toEqual([]);
  });

  test('a comment line ends at column 100, and a line of an example at column 120', () => {
    expect(rules('src/job.ts', `// ${'a'.repeat(97)}`)).toEqual([]);
    expect(rules('src/job.ts', `\n// ${'a'.repeat(98)}`)).toEqual(['2 101 columns']);
    const example = (columns: number) => `/**\n * \`\`\`ts\n * ${'a'.repeat(columns - 3)}\n * \`\`\`\n */`;
    expect(rules('src/job.ts', example(120))).toEqual([]);
    expect(rules('src/job.ts', example(121))).toEqual(['3 121 columns']);
  });

  test('an error message is read as one text, also if it is a sum of templates', () => {
    const text = "throw new TypeError('Executor: ' + name + ' is ' + `no option. Remove it.`);";
    expect(rules('src/options.ts', text)).toEqual(['1 negation "is no"']);
    expect(rules('test/options.ts', text)).toEqual([]);
  });

  test('the end of a message may start with any word, and a script for Redis is not a message', () => {
    expect(rules('src/options.ts', 'const end = ` of server "$' + '{server}"`;')).toEqual([]);
    expect(rules('src/options.ts', 'const end = " of server nobody";')).toEqual(['1 no noun "nobody"']);
    expect(rules('src/options.ts', "const script = `of redis.call('GET', KEYS[1])`;")).toEqual([]);
  });

  test('a usage text is read as paragraphs, without its list of options', () => {
    const text = 'const usage = `Usage: run it\n\n  --name   nobody of it\n\nUsage is nobody.`;';
    expect(rules('src/cli.ts', text)).toEqual(['5 no noun "nobody"']);
  });

  test('a test title needs a subject of its own', () => {
    const title = (text: string) => rules('test/a.test.ts', `test.each([1])('${text}', () => {});`);
    expect(title('and rejects the second')).toEqual(['1 title begins with "and"']);
    expect(title('a second call rejects')).toEqual([]);
  });

  test('a test title that starts with its verb has no subject', () => {
    const title = (text: string) => rules('test/a.test.ts', `it('${text}', () => {});`);
    for (const text of [
      'pins every action',
      'returns credit after half of it',
      'changes nothing outside',
      'ends all calls',
    ])
      expect(title(text)).toEqual([`1 title begins with "${text.split(' ')[0]}"`]);
    for (const text of [
      'calls that wait end',
      'values reach the job',
      'starts of workers fail',
      'returns() ends',
      'progress is kept',
    ])
      expect(title(text)).toEqual([]);
  });

  test('a heading in Markdown may be a question, but a sentence may not', () => {
    expect(rules('docs/guide.md', '## What is a job?\n\n## What a job is\n')).toEqual([]);
    expect(rules('docs/guide.md', 'What is a job?\n')).toEqual(['1 inverted sentence "What"']);
    expect(rules('docs/guide.md', '| a | b |\n| --- | --- |\n| 1 | nobody |\n')).toEqual(['3 no noun "nobody"']);
  });

  test('only the unreleased part of the changelog is checked', () => {
    const text = '# Changelog\n\nWho?\n\n## Unreleased\n\n- Of it.\n\n## 0.1.0\n\n- Of it.\n';
    expect(rules('CHANGELOG.md', text)).toEqual(['7 inverted sentence "Of"']);
  });
});
