/**
 * Checks the prose of the repository: comments, test titles, error messages and Markdown.
 *
 *   node scripts/check-prose.mjs [file or folder…]
 *
 * Prints each fault with its place, its rule and the right word, and then the number of faults by
 * folder. Exits with 1 if there are any.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import {
  HEADER_RULES,
  LONGEST_SENTENCE,
  NOT_A_SUBJECT,
  NOT_PROSE,
  RULES,
  START_RULES,
  STARTS_WITH_VERB,
  WIDEST_CODE,
  WIDEST_COMMENT,
} from './prose-rules.mjs';

const CHECKED = ['src', 'test', 'examples', 'scripts', 'docs'].concat(
  ['README', 'CHANGELOG', 'CONTRIBUTING', 'AGENTS', 'SECURITY'].map((page) => `${page}.md`),
);
const SKIPPED =
  /(^|\/)(node_modules|dist|\.vitepress\/(cache|dist)|reference\/api|RESULTS(-\w+)?\.md|package-lock\.json)(\/|$)/;

/** Lines that can't be wrapped: addresses, directives of tools, and code behind a comment. */
const UNWRAPPABLE = /https?:|biome-ignore|@ts-|\*\/.*\S/;

/**
 * The faults of a file, as `{ line, rule, right, sentence }`. A part of a sentence (a heading, or
 * the end of a message) may start with any word.
 */
export function check(file, text) {
  const faults = [];
  const add = (line, sentence, rule, right) => faults.push({ line, rule, right, sentence });
  const prose = (line, words, isPart = false) => {
    for (const [sentence, masked] of sentencesOf(words)) {
      for (const [pattern, rule, right] of RULES) {
        const [found] = pattern.exec(masked) ?? [];
        if (found !== undefined && !(isPart && rule === 'inverted sentence'))
          add(line, sentence, `${rule} "${found}"`, right);
      }
      const count = masked.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
      if (count > LONGEST_SENTENCE)
        add(line, sentence, `${count} words`, `${LONGEST_SENTENCE} words at most: split the sentence`);
    }
  };
  if (file.endsWith('.md')) checkMarkdown(path.basename(file) === 'CHANGELOG.md' ? unreleased(text) : text, prose);
  else checkCode(file, text, prose, add);
  return faults;
}

function checkCode(file, text, prose, add) {
  const options = { languageVersion: ts.ScriptTarget.ESNext, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };
  const source = ts.createSourceFile(file, text, options, true);
  const lineAt = (position) => source.getLineAndCharacterOfPosition(position).line + 1;
  const shownLines = text.split('\n');
  for (const { position, lines } of commentsOf(source, text)) {
    const line = lineAt(position);
    checkBlocks(lines, (index, words) => prose(line + index, words));
    checkStart(line, lines.find((body) => body.trim() !== '') ?? '', position);
    let widest = WIDEST_COMMENT;
    lines.forEach((body, index) => {
      if (/^\s*```/.test(body)) widest = widest === WIDEST_CODE ? WIDEST_COMMENT : WIDEST_CODE;
      const shown = shownLines[line + index - 1];
      if (shown.length > widest && !/^Output\b/.test(lines[0]) && !UNWRAPPABLE.test(shown))
        add(line + index, shown.trim(), `${shown.length} columns`, `wrap comments at ${widest}`);
    });
  }
  /** Checks the first line of a comment. An example starts with "This example". */
  function checkStart(line, start, position) {
    if (file.startsWith('examples/')) return;
    const isHeader = /^(#!.*)?\s*$/.test(text.slice(0, position));
    for (const [pattern, rule, right] of isHeader ? [...START_RULES, ...HEADER_RULES] : START_RULES) {
      const [found] = pattern.exec(start) ?? [];
      if (found !== undefined) add(line, start.trim(), `${rule} "${found}"`, right);
    }
  }

  const isSource = file.startsWith('src/');
  const isTest = /\.test(-d)?\.ts$/.test(file) || file.includes('/conformance/');
  if (isSource || isTest) visit(source);

  function visit(node) {
    const message = isSource && textOf(node);
    if (message) {
      if (message.split(' ').length > 3 && !NOT_PROSE.test(message)) {
        const line = lineAt(node.getStart());
        checkBlocks(message.split('\n'), (index, words) => prose(line + index, words, message.startsWith(' ')));
      }
      return;
    }
    if (isTest && ts.isCallExpression(node)) {
      const name = calleeOf(node.expression);
      const title = /^(it|test|describe|check)$/.test(name) && textOf(node.arguments[0]);
      if (title) checkTitle(lineAt(node.arguments[0].getStart()), title, name);
    }
    ts.forEachChild(node, visit);
  }

  function checkTitle(line, title, name) {
    prose(line, title);
    const [first] = title.toLowerCase().split(/[\s,:]/, 1);
    if (name !== 'describe' && (NOT_A_SUBJECT.has(first) || STARTS_WITH_VERB.test(title)))
      add(line, title, `title begins with "${first}"`, 'begin with the subject, so that the title stands alone');
  }
}

/** Returns the position and the lines of every comment. Neighbouring `//` lines are one comment. */
function commentsOf(source, text) {
  const comments = [];
  const skip = new Map();
  const collect = (node) => {
    if (node.kind === ts.SyntaxKind.RegularExpressionLiteral || ts.isTemplateLiteralToken(node))
      skip.set(node.getStart(), node.end);
    ts.forEachChild(node, collect);
  };
  collect(source);
  const scanner = ts.createScanner(ts.ScriptTarget.ESNext, false, ts.LanguageVariant.Standard, text);
  let last;
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    const start = scanner.getTokenStart();
    const end = skip.get(start);
    if (end !== undefined) scanner.resetTokenState(end);
    const token = scanner.getTokenText();
    if (kind === ts.SyntaxKind.MultiLineCommentTrivia) {
      const inner = token.replace(/^\/\*+ ?|\s*\*+\/$/g, '');
      comments.push({ position: start, lines: inner.split('\n').map((line) => line.replace(/^\s*\* ?/, '')) });
    } else if (kind === ts.SyntaxKind.SingleLineCommentTrivia) {
      const line = token.replace(/^\/\/+ ?/, '');
      const isNext = last !== undefined && /^\n[ \t]*$/.test(text.slice(last.end, start));
      if (isNext) last.comment.lines.push(line);
      else comments.push({ position: start, lines: [line] });
      last = { end: scanner.getTokenEnd(), comment: comments.at(-1) };
    }
  }
  return comments;
}

/** Paragraphs and list items of a comment or a page. Leaves out code, pictures and tables. */
function checkBlocks(lines, prose) {
  let block = [];
  let start = 0;
  let isItem = false;
  let isFenced = false;
  let isExample = false;
  const flush = () => {
    if (block.length > 0) prose(start, block.join(' '));
    block = [];
    isItem = false;
  };
  for (const [index, raw] of lines.entries()) {
    if (/^\s*(```|~~~)/.test(raw)) isFenced = !isFenced;
    const line = raw.trim();
    const tag = /^@(\w+)\s*(\{[^}]*\})?/.exec(line);
    if (tag !== null || /^Output\b.*:$/.test(line)) isExample = tag === null || tag[1] === 'example';
    const isCode = isFenced || isExample;
    const isPicture =
      (/^ {2,}/.test(raw) && !isItem && !/^\s*([-*]|\d+\.) /.test(raw)) || / {3,}\S|[─│┌└├▶]/.test(line);
    if (isCode || line === '' || isPicture || line.startsWith('|') || /^(```|~~~|#!|\/\/\/)/.test(line)) {
      flush();
      continue;
    }
    if (/^([-*]|\d+\.) /.test(line) || tag !== null) flush();
    if (block.length === 0) start = index;
    isItem ||= /^([-*]|\d+\.) /.test(line);
    block.push(
      line
        .replace(/^([-*]|\d+\.) /, '')
        .replace(/^@(param|typeParam|template|property) (\{[^}]*\} )?\S+( -)?|^@\w+( \{[^}]*\})*/, ''),
    );
  }
  flush();
}

function checkMarkdown(text, prose) {
  const lines = text.replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, '')).split('\n');
  if (lines[0] === '---') lines.fill('', 0, lines.indexOf('---', 1) + 1);
  const isHeading = (line) => /^#+ /.test(line);
  const cellsOf = (line) => line.split(/(?<!\\)\|/).slice(1, -1);
  checkBlocks(
    lines.map((line) => (isHeading(line) || /^\s*:::/.test(line) ? '' : line.replace(/^> ?/, ''))),
    (index, words) => prose(index + 1, words),
  );
  lines.forEach((line, index) => {
    if (isHeading(line)) prose(index + 1, line.replace(/^#+ /, ''), true);
    if (line.startsWith('|')) for (const cell of cellsOf(line)) prose(index + 1, cell.trim());
  });
}

/**
 * Returns the unreleased part of the changelog, with empty lines before it to keep line numbers.
 */
function unreleased(text) {
  const [before, part = ''] = text.split(/^(?=## Unreleased)/m);
  return before.replace(/.+/g, '') + part.split(/\n(?=## )/)[0];
}

/** Splits text into sentences. The second text of a pair has "x" for code, links and quotations. */
function sentencesOf(words) {
  const masked = words
    .replace(/`+[^`]*`+|\{@link [^}]*\}|\$\{[^}]*\}|https?:\S+|"[^"]*"/g, (code) => 'x'.repeat(code.length))
    .replace(/\]\([^)]*\)|\*\*/g, (markup) => ' '.repeat(markup.length));
  const ends = /(?<=[.!?][)"'”]?)(?<!\b(?:e\.g|i\.e|vs|etc|cf)\.)\s+(?=[\p{Lu}\d"'“([x])/gu;
  const starts = [0, ...[...masked.matchAll(ends)].map(({ index, 0: gap }) => index + gap.length)];
  const cut = (text, i) => text.slice(starts[i], starts[i + 1]).trim();
  return starts.map((_, i) => [cut(words, i), cut(masked, i)]).filter(([sentence]) => sentence !== '');
}

/** Returns the text of a literal, a template or a sum of them, with "X" for each substitution. */
function textOf(node) {
  if (node === undefined) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map((span) => `X${span.literal.text}`).join('');
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined && right === undefined ? undefined : (left ?? 'X') + (right ?? 'X');
}

/** "test" of `test(…)`, `test.skip(…)` and `test.each(…)(…)`. */
function calleeOf(node) {
  if (ts.isIdentifier(node)) return node.text;
  return ts.isCallExpression(node) || ts.isPropertyAccessExpression(node) ? calleeOf(node.expression) : '';
}

function filesIn(name) {
  if (SKIPPED.test(name)) return [];
  if (/\.(md|[cm]?[jt]s)$/.test(name)) return [name];
  try {
    return readdirSync(name)
      .sort()
      .flatMap((child) => filesIn(`${name}/${child}`));
  } catch {
    return [];
  }
}

function main(args) {
  process.chdir(fileURLToPath(new URL('..', import.meta.url)));
  const named = args.map((arg) => arg.replace(/\/$/, ''));
  const configs = readdirSync('.').filter((name) => name.endsWith('.config.ts'));
  const roots = named.length > 0 ? named : [...CHECKED, ...configs];
  const counts = new Map();
  for (const file of roots.flatMap(filesIn)) {
    const faults = check(file, readFileSync(file, 'utf8'));
    for (const { line, rule, right, sentence } of faults)
      console.log(`${file}:${line}  ${rule} → ${right}\n    ${sentence}`);
    const folder = file.split('/').slice(0, -1).slice(0, 2).join('/') || file;
    if (faults.length > 0) counts.set(folder, (counts.get(folder) ?? 0) + faults.length);
  }
  for (const [folder, count] of counts) console.log(`${String(count).padStart(6)}  ${folder}`);
  if (counts.size > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
