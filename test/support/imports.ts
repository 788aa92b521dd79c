/**
 * The import graph of the sources: the imports of each file, and whether they exist at run time.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export interface Import {
  /** A file of src, such as `future/future.ts`, or the specifier of an import from outside. */
  readonly to: string;
  /**
   * True if the compiler erases the import: `import type`, only `type` specifiers, or a type
   * `import('…')`.
   */
  readonly isTypeOnly: boolean;
}

export type Graph = ReadonlyMap<string, readonly Import[]>;

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** Returns the imports of every file of src. Paths are relative to src. */
export function readImports(): Graph {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return new Map(files.sort().map((file) => [toSlashes(file), importsOf(toSlashes(file))]));
}

/** Returns the files and packages that are loaded with `start`, including `start`. */
export function loadedBy(graph: Graph, start: string): Set<string> {
  const loaded = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const { to, isTypeOnly } of graph.get(file) ?? []) if (!isTypeOnly) load(to);
  };
  load(start);
  return loaded;
}

/** Returns the cycles of files that import each other at run time, such as `a.ts → b.ts → a.ts`. */
export function cycles(graph: Graph): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, route: readonly string[]): void => {
    const before = route.indexOf(file);
    if (before >= 0) found.push([...route.slice(before), file].join(' → '));
    if (before >= 0 || done.has(file)) return;
    for (const { to, isTypeOnly } of graph.get(file) ?? []) if (!isTypeOnly) visit(to, [...route, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}

/** Returns the names that src imports from a package, without those that the compiler erases. */
export function valuesFrom(name: string): Set<string> {
  const found = new Set<string>();
  for (const file of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const source = ts.createSourceFile(file, readFileSync(path.join(src, file), 'utf8'), ts.ScriptTarget.Latest);
    for (const node of source.statements) {
      if (!ts.isImportDeclaration(node) || (node.moduleSpecifier as ts.StringLiteral).text !== name) continue;
      const bindings = node.importClause?.namedBindings;
      if (node.importClause?.isTypeOnly || bindings === undefined) continue;
      if (ts.isNamespaceImport(bindings)) found.add('*');
      else
        for (const element of bindings.elements)
          if (!element.isTypeOnly) found.add((element.propertyName ?? element.name).text);
    }
  }
  return found;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(src, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  const add = (specifier: ts.Node | undefined, isTypeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    imports.push({ to: resolve(file, specifier.text), isTypeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isErased(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, isErasedExport(node));
    else if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return imports;
}

function isErased(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const { name, namedBindings } = clause;
  if (name !== undefined || namedBindings === undefined || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.length > 0 && namedBindings.elements.every((element) => element.isTypeOnly);
}

function isErasedExport({ isTypeOnly, exportClause }: ts.ExportDeclaration): boolean {
  if (isTypeOnly || exportClause === undefined || !ts.isNamedExports(exportClause)) return isTypeOnly;
  return exportClause.elements.length > 0 && exportClause.elements.every((element) => element.isTypeOnly);
}

function resolve(from: string, specifier: string): string {
  if (specifier === '#runtimes') return 'backends/node.ts';
  if (specifier === '#serve-worker') return 'backends/factory/host.ts';
  if (specifier.startsWith('#platform/')) return `${specifier.slice(1)}.ts`;
  if (!specifier.startsWith('.')) return specifier;
  return toSlashes(path.join(path.dirname(from), specifier)).replace(/\.js$/, '.ts');
}

function toSlashes(file: string): string {
  return file.split(path.sep).join('/');
}
