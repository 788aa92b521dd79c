/**
 * Holds that a call which checks its options says so: its TSDoc has `@throws`.
 *
 * The calls are followed with the types of `src`. A call inside a nested function counts as a call
 * of the function around it.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { root } from './pages.js';
import { entries } from './tsdoc.js';

const CHECKS = new Set(['validate', 'checkTaskOptions']);

const src = path.join(root, 'src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => path.join(src, file));
const config = ts.getParsedCommandLineOfConfigFile(
  path.join(root, 'tsconfig.json'),
  { noEmit: true },
  { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} },
)!;
const program = ts.createProgram(files, config.options);
const types = program.getTypeChecker();
const sources = files.map((file) => program.getSourceFile(file)!);

/** The declarations that the public entries export. */
const exported = new Set(
  entries
    .map((entry) => types.getSymbolAtLocation(program.getSourceFile(path.join(src, `${entry}.ts`))!)!)
    .flatMap((module) => types.getExportsOfModule(module))
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? types.getAliasedSymbol(symbol) : symbol))
    .flatMap((symbol) => symbol.declarations ?? []),
);

/** A function, a method or a constructor with a body, or a property of an object literal. */
type Body = ts.FunctionDeclaration | ts.MethodDeclaration | ts.ConstructorDeclaration | ts.PropertyAssignment;

const isBody = (node: ts.Node): node is Body =>
  ((ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node)) &&
    node.body !== undefined) ||
  (ts.isPropertyAssignment(node) && ts.isArrowFunction(node.initializer));

const bodies = sources.flatMap((source) => {
  const found: Body[] = [];
  const visit = (node: ts.Node): void => {
    if (isBody(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
});

/** The declarations that the calls in a body name. */
function calledBy(body: ts.Node): ts.Node[] {
  const called: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (node !== body && isBody(node)) return;
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const symbol = types.getSymbolAtLocation(
        ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node.expression,
      );
      const original = symbol && symbol.flags & ts.SymbolFlags.Alias ? types.getAliasedSymbol(symbol) : symbol;
      for (const declaration of original?.declarations ?? []) {
        if (ts.isNewExpression(node) && ts.isClassDeclaration(declaration))
          called.push(...declaration.members.filter(ts.isConstructorDeclaration));
        else called.push(declaration);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(body);
  return called;
}

/** The bodies that call a check, themselves or through other functions. */
function reaching(): Set<ts.Node> {
  const calls = new Map(bodies.map((body) => [body, calledBy(body)]));
  const reached = new Set<ts.Node>(bodies.filter((body) => ts.isFunctionDeclaration(body) && CHECKS.has(nameOf(body))));
  for (let size = -1; size !== reached.size; ) {
    size = reached.size;
    for (const [body, called] of calls) if (called.some((each) => passes(each, reached))) reached.add(body);
  }
  return reached;
}

/** A public call that is made inside the library gets options that the library chose. */
function passes(called: ts.Node, reached: ReadonlySet<ts.Node>): boolean {
  return reached.has(called) && promisesOf(called as Body).length === 0;
}

/** The public declarations whose promise a body keeps: of itself, its class, or an interface. */
function promisesOf(body: Body): ts.Node[] {
  if (ts.isFunctionDeclaration(body)) {
    const overloads = types.getSymbolAtLocation(body.name!)?.declarations ?? [];
    return isPublic(body) ? [overloads[0] ?? body] : [];
  }
  const parent = body.parent;
  if (ts.isConstructorDeclaration(body)) return isPublic(parent) ? [parent] : [];
  if (ts.isClassDeclaration(parent)) {
    const kept = (parent.heritageClauses ?? [])
      .filter(({ token }) => token === ts.SyntaxKind.ImplementsKeyword)
      .flatMap(({ types: implemented }) => implemented)
      .flatMap((each) => membersOf(types.getTypeAtLocation(each), body));
    const isPrivate = ts.isPrivateIdentifier(body.name) || nameOf(body).startsWith('_');
    return isPublic(parent) && !isPrivate && kept.length === 0 ? [body] : kept;
  }
  // `makeTask` builds a task from an object literal.
  const maker = ts.findAncestor(body, ts.isFunctionDeclaration);
  return maker?.type === undefined ? [] : membersOf(types.getTypeFromTypeNode(maker.type), body);
}

/** The comment of a method with overloads is at the first one. */
function membersOf(type: ts.Type, body: Body): ts.Node[] {
  const declared = type.getProperty(nameOf(body))?.declarations ?? [];
  return declared.slice(0, 1).filter((each) => isPublic(each.parent));
}

function isPublic(node: ts.Node): boolean {
  return exported.has(node as ts.Declaration);
}

function nameOf(node: ts.Node): string {
  return (node as ts.NamedDeclaration).name?.getText() ?? 'constructor';
}

function at(node: ts.Node): string {
  return `${path.relative(src, node.getSourceFile().fileName)} ${nameOf(node)}`;
}

const hasThrows = (node: ts.Node) => ts.getJSDocTags(node).some((tag) => tag.tagName.text === 'throws');

describe('TSDoc', () => {
  const promises = [...reaching()].flatMap((body) => promisesOf(body as Body));

  it('a public call that checks its options has @throws', () => {
    expect(promises.map(at)).toEqual(expect.arrayContaining(['executor.ts shutdown', 'submitter.ts with']));
    expect([...new Set(promises.filter((each) => !hasThrows(each)).map(at))]).toEqual([]);
  });
});
