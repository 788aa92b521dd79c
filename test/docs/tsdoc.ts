/** The examples in the TSDoc of `src`, and what the public entries export. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import type { Block } from './blocks.js';
import { root } from './pages.js';

/** The files of `package.json`'s exports. */
export const entries = [
  'index',
  'worker',
  'testing',
  'terminal',
  'dashboard',
  'trace',
  'opentelemetry',
  'bullmq',
  'web',
] as const;

/** A TypeScript block in a comment of `src`. */
export interface Example extends Block {
  /** Path of the file from the root of the repository. */
  readonly source: string;
  /** Line of the comment, which is the same for all blocks in it. */
  readonly comment: number;
  /** The reason, if the block is compiled and not run. */
  readonly noRun: string | undefined;
}

export function allExamples(): Example[] {
  return sources().flatMap((source) => examplesIn(source, readFileSync(path.join(root, source), 'utf8')));
}

function sources(): string[] {
  const files = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts')).map((file) => `src/${file.replaceAll(path.sep, '/')}`);
}

/** `mark` of a block is `run`, `file: <name>`, or the rest of the info string if it is unknown. */
function examplesIn(source: string, text: string): Example[] {
  return [...text.matchAll(/\/\*\*.*?\*\//gs)].flatMap((comment) => {
    const fences = comment[0].matchAll(/^ *\* ```ts([^\n]*)\n(.*?)^ *\* ```$/gms);
    return [...fences].map((fence) => {
      const info = fence[1]!.trim();
      const noRun = /^no-run: (.+)$/.exec(info)?.[1];
      return {
        source,
        comment: lineAt(text, comment.index),
        line: lineAt(text, comment.index + fence.index) + 1,
        mark: info === '' || noRun !== undefined ? 'run' : info,
        noRun,
        code: fence[2]!.replace(/^ *\* ?/gm, ''),
      };
    });
  });
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** Something that an entry exports. */
export interface Exported {
  readonly name: string;
  readonly isType: boolean;
  /** Its TSDoc, and that of its members, contain an example. */
  readonly hasExample: boolean;
}

/** The exports of an entry. Entries either re-export by name or declare the thing themselves. */
export function exportsOf(entry: (typeof entries)[number]): Exported[] {
  const file = path.join(root, 'src', `${entry}.ts`);
  const exported: Exported[] = [];
  for (const statement of parse(file).statements) {
    if (ts.isExportDeclaration(statement) && statement.exportClause !== undefined) {
      const from = (statement.moduleSpecifier as ts.StringLiteral).text.replace(/\.js$/, '.ts');
      for (const { name, isTypeOnly } of (statement.exportClause as ts.NamedExports).elements) {
        const declarations = declarationsOf(path.join(path.dirname(file), from), name.text);
        exported.push({
          name: name.text,
          isType: statement.isTypeOnly || isTypeOnly,
          hasExample: declarations.some(hasExample),
        });
      }
    } else if (isExported(statement)) {
      const name = (statement as ts.DeclarationStatement).name!.getText();
      exported.push({ name, isType: ts.isInterfaceDeclaration(statement), hasExample: hasExample(statement) });
    }
  }
  return exported;
}

function declarationsOf(file: string, name: string): ts.Node[] {
  return parse(file).statements.filter((statement) => {
    return isExported(statement) && (statement as ts.DeclarationStatement).name?.getText() === name;
  });
}

function isExported(statement: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(statement) &&
    !!ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

function hasExample(node: ts.Node): boolean {
  return /^ *\* ```ts/m.test(node.getFullText());
}

const parsed = new Map<string, ts.SourceFile>();

function parse(file: string): ts.SourceFile {
  let source = parsed.get(file);
  if (source === undefined) {
    source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
    parsed.set(file, source);
  }
  return source;
}
