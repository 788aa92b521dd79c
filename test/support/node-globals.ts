/** Finds uses of Node that need no import: its globals, and the methods of its timers. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';

const names = new Set(
  'process Buffer global require __dirname __filename setImmediate clearImmediate NodeJS'.split(' '),
);
/** Methods of the timers of Node. In browsers a timer is a number. */
const methods = new Set(['ref', 'unref', 'hasRef']);

/** Returns the uses in a file of src, such as `process` and `.unref()`. */
export function nodeGlobalsIn(file: string): string[] {
  return nodeGlobalsOf(readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8'));
}

export function nodeGlobalsOf(text: string): string[] {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);
  const imported = new Set<string>();
  const used = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isImportSpecifier(node)) imported.add(node.name.text);
    if (ts.isPropertyAccessExpression(node)) {
      if (methods.has(node.name.text)) used.add(`.${node.name.text}()`);
      if (node.expression.getText() === 'globalThis' && names.has(node.name.text)) used.add(node.name.text);
    }
    if (ts.isIdentifier(node) && names.has(node.text) && !isNameOfMember(node)) used.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...used].filter((name) => !imported.has(name));
}

/** Returns true for `name` in `object.name` and in `{ name: value }`. */
function isNameOfMember(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isShorthandPropertyAssignment(parent)) return false;
  return 'name' in parent && parent.name === node;
}
