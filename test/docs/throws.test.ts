/**
 * Holds that the TSDoc of a public call has `@throws` for errors of wrong options. The same holds
 * for the errors of an executor that accepts no more tasks, and for arguments that must not be
 * passed.
 *
 * The calls are followed with the types of `src`. A call inside a nested function counts as a call
 * of the function around it, unless that function returns the nested one. A call whose errors are
 * caught does not count.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { root } from './pages.js';
import { entries } from './tsdoc.js';

/** Functions that throw errors of wrong options. */
const CHECKS = new Set(['validate', 'checkTaskOptions']);
/** The method that returns the error of an executor that accepts no more tasks. */
const REFUSAL = 'refusal';
/** The function that makes the errors of arguments that must not be passed. */
const MISUSE = 'misuse';
/** The method that throws if the executor has no task module. */
const NAMED = 'named';
/** The functions that make the errors of a key that can't be kept. */
const KEY_ERRORS = ['noKeys', 'noKeyFor'];
/** The function that recognizes such an error, before a function throws it again. */
const IS_MISUSE = 'isMisuse';

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

/**
 * A function, a method or a constructor with a body, or a property of an object literal. A function
 * in a variable is one too, if the function around it returns the variable. So is a function that
 * is assigned to a property, or passed to the call that makes the property. `executor.tasks` calls
 * such a function when a handle is read.
 */
type Body =
  | ts.FunctionDeclaration
  | ts.MethodDeclaration
  | ts.ConstructorDeclaration
  | ts.PropertyAssignment
  | ts.VariableDeclaration
  | Assignment;

type Assignment = ts.BinaryExpression & { readonly left: ts.PropertyAccessExpression };

const isAssignment = (node: ts.Node): node is Assignment =>
  ts.isBinaryExpression(node) &&
  node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
  ts.isPropertyAccessExpression(node.left) &&
  (ts.isArrowFunction(node.right) ||
    (node.left.expression.kind === ts.SyntaxKind.ThisKeyword &&
      ts.isCallExpression(node.right) &&
      node.right.arguments.some(ts.isArrowFunction)));

const isBody = (node: ts.Node): node is Body =>
  ((ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node)) &&
    node.body !== undefined) ||
  (ts.isPropertyAssignment(node) && ts.isArrowFunction(node.initializer)) ||
  isAssignment(node) ||
  (ts.isVariableDeclaration(node) && isReturnedFunction(node));

function isReturnedFunction({ name, initializer, parent }: ts.VariableDeclaration): boolean {
  if (initializer === undefined || !ts.isArrowFunction(initializer)) return false;
  const block = parent.parent.parent;
  if (!ts.isBlock(block)) return false;
  return block.statements.some((each) => ts.isReturnStatement(each) && finds(each, isNamed(name.getText())));
}

/** Returns true if `isFound` is true for the node or for a node inside of it. */
function finds(node: ts.Node, isFound: (node: ts.Node) => boolean): boolean {
  return isFound(node) || (ts.forEachChild(node, (child) => finds(child, isFound) || undefined) ?? false);
}

const isNamed = (name: string) => (node: ts.Node) => ts.isIdentifier(node) && node.text === name;

/** Returns true if a body has `const error = ….refusal()` and `throw error`. */
function throwsRefusal(body: Body): boolean {
  const isCall = (node: ts.Node) =>
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    node.expression.name.text === REFUSAL;
  const names = new Set<string>();
  finds(body, (node) => {
    if (ts.isVariableDeclaration(node) && node.initializer !== undefined && finds(node.initializer, isCall))
      names.add(node.name.getText());
    return false;
  });
  return finds(body, (node) => ts.isThrowStatement(node) && names.has(node.expression.getText()));
}

const bodies = sources.flatMap((source) => {
  const found: Body[] = [];
  const visit = (node: ts.Node): void => {
    if (isBody(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
});

/** The declarations that the calls in a body name, except calls whose errors are caught. */
function calledBy(body: ts.Node): ts.Node[] {
  const called: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (node !== body && isBody(node)) return;
    if (ts.isTryStatement(node) && catchesAll(node)) {
      ts.forEachChild(node.catchClause!, visit);
      if (node.finallyBlock !== undefined) ts.forEachChild(node.finallyBlock, visit);
      return;
    }
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) called.push(...declarationsOf(node));
    ts.forEachChild(node, visit);
  };
  visit(body);
  return called;
}

/** Returns true if a `try` has a `catch` that does not throw the same error again. */
function catchesAll({ catchClause }: ts.TryStatement): boolean {
  if (catchClause === undefined) return false;
  const name = catchClause.variableDeclaration?.name.getText();
  return !finds(catchClause.block, (node) => ts.isThrowStatement(node) && node.expression.getText() === name);
}

function declarationsOf(call: ts.CallExpression | ts.NewExpression): ts.Node[] {
  const symbol = types.getSymbolAtLocation(
    ts.isPropertyAccessExpression(call.expression) ? call.expression.name : call.expression,
  );
  const original = symbol && symbol.flags & ts.SymbolFlags.Alias ? types.getAliasedSymbol(symbol) : symbol;
  return (original?.declarations ?? []).flatMap((declaration) =>
    ts.isNewExpression(call) && ts.isClassDeclaration(declaration)
      ? declaration.members.filter(ts.isConstructorDeclaration)
      : [declaration],
  );
}

const calls = new Map(bodies.map((body) => [body, calledBy(body)]));

/** The bodies that throw the errors of `misuse()`: those that they made, or that they recognize. */
function throwingMisuse(): Body[] {
  const recognizing = bodies.filter((body) => finds(body, isNamed(IS_MISUSE)) && finds(body, ts.isThrowStatement));
  return [...throwing([MISUSE]), ...recognizing];
}

/** The bodies that throw an error that a function named in `names` has made. */
function throwing(names: readonly string[]): Body[] {
  const returned = new Map(bodies.map((body) => [body, calledIn(body, ts.isReturnStatement)]));
  const makers = new Set<ts.Node>(
    bodies.filter((body) => ts.isFunctionDeclaration(body) && names.includes(nameOf(body))),
  );
  for (let size = -1; size !== makers.size; ) {
    size = makers.size;
    for (const [body, called] of returned) if (called.some((each) => makers.has(each))) makers.add(body);
  }
  return bodies.filter((body) => calledIn(body, ts.isThrowStatement).some((each) => makers.has(each)));
}

/** The declarations that the calls in some statements of a body name. */
function calledIn(body: ts.Node, isStatement: (node: ts.Node) => boolean): ts.Node[] {
  const called: ts.Node[] = [];
  const visit = (node: ts.Node, isInside: boolean): void => {
    if (isInside && ts.isCallExpression(node)) called.push(...declarationsOf(node));
    ts.forEachChild(node, (child) => visit(child, isInside || isStatement(child)));
  };
  visit(body, false);
  return called;
}

/** Returns `sources`, and the bodies that call one of them, also through other functions. */
function reaching(sources: readonly Body[]): Set<ts.Node> {
  const reached = new Set<ts.Node>(sources);
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
  const parent = isAssignment(body) ? (ts.findAncestor(body, ts.isClassDeclaration) ?? body.parent) : body.parent;
  if (ts.isConstructorDeclaration(body)) return isPublic(parent) ? [parent] : [];
  if (ts.isClassDeclaration(parent)) {
    const kept = (parent.heritageClauses ?? [])
      .filter(({ token }) => token === ts.SyntaxKind.ImplementsKeyword)
      .flatMap(({ types: implemented }) => implemented)
      .flatMap((each) => membersOf(types.getTypeAtLocation(each), body));
    const name = isAssignment(body) ? body.left.name : body.name!;
    const isPrivate = ts.isPrivateIdentifier(name) || nameOf(body).startsWith('_');
    if (!isPublic(parent) || isPrivate || kept.length > 0) return kept;
    return (types.getSymbolAtLocation(name)?.declarations ?? [body]).slice(0, 1);
  }
  // `makeTask` builds a task from a function with a computed name, and assigns its methods.
  const maker = ts.findAncestor(body, ts.isFunctionDeclaration);
  if (maker?.type === undefined) return [];
  const made = types.getTypeFromTypeNode(maker.type);
  const isCall = ts.isVariableDeclaration(body) || (!isAssignment(body) && ts.isComputedPropertyName(body.name!));
  return isCall ? callsOf(made) : membersOf(made, body);
}

/** The comment of a call with overloads is at the first one. */
function callsOf(type: ts.Type): ts.Node[] {
  const declared = type
    .getCallSignatures()
    .slice(0, 1)
    .map((signature) => signature.declaration);
  return declared.filter((each) => each !== undefined && isPublic(each.parent)) as ts.Node[];
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
  if (isAssignment(node)) return node.left.name.text;
  if (ts.isCallSignatureDeclaration(node)) return `call of ${nameOf(node.parent)}`;
  return (node as ts.NamedDeclaration).name?.getText() ?? 'constructor';
}

function at(node: ts.Node): string {
  return `${path.relative(src, node.getSourceFile().fileName)} ${nameOf(node)}`;
}

/** The public calls that reach one of `sources`. */
function reachingPublic(sources: readonly Body[]): ts.Node[] {
  return [...new Set([...reaching(sources)].flatMap((body) => promisesOf(body as Body)))];
}

/** Returns true if a node has a `@throws` that contains `text`. */
const hasThrows = (node: ts.Node, text: string) =>
  ts.getJSDocTags(node).some((tag) => tag.tagName.text === 'throws' && tag.getText().includes(text));

describe('TSDoc', () => {
  it('a public call that checks its options has @throws', () => {
    const checks = bodies.filter((body) => ts.isFunctionDeclaration(body) && CHECKS.has(nameOf(body)));
    const promises = reachingPublic(checks);
    expect(promises.map(at)).toEqual(expect.arrayContaining(['executor.ts shutdown', 'submitter.ts with']));
    expect(promises.filter((each) => !hasThrows(each, '')).map(at)).toEqual([]);
  });

  it('a public call that an executor refuses when it accepts no more tasks has @throws with both errors', () => {
    // A server has an executor of its own, which no other code can shut down.
    const promises = reachingPublic(bodies.filter(throwsRefusal)).filter((each) => nameOf(each) !== 'serveTasks');
    expect(promises.map(at)).toEqual(
      expect.arrayContaining([
        'executor.ts attach',
        'executor.ts broadcast',
        'executor.ts ready',
        'executor.ts share',
        'submitter.ts submit',
        path.join('engine', 'handles', 'task.ts call of Task'),
      ]),
    );
    for (const error of ['ExecutorShutdownError', 'BrokenExecutorError'])
      expect(promises.filter((each) => !hasThrows(each, error)).map(at)).toEqual([]);
  });

  it('a public call that refuses an argument that must not be passed has @throws TypeError', () => {
    const promises = reachingPublic(throwingMisuse());
    expect(promises.map(at)).toEqual(
      expect.arrayContaining([
        'executor.ts broadcast',
        'executor.ts share',
        'submitter.ts stream',
        'submitter.ts submit',
        path.join('engine', 'actors', 'actor.ts call of ActorMaker'),
        path.join('engine', 'handles', 'task.ts call of Task'),
        path.join('engine', 'handles', 'task.ts stream'),
      ]),
    );
    expect(promises.filter((each) => !hasThrows(each, 'TypeError')).map(at)).toEqual([]);
  });

  it('a public call that refuses a key has @throws TypeError with the option', () => {
    const promises = reachingPublic(throwing(KEY_ERRORS));
    expect(promises.map(at)).toEqual(
      expect.arrayContaining(['submitter.ts map', 'submitter.ts with', path.join('engine', 'handles', 'task.ts with')]),
    );
    expect(promises.filter((each) => !hasThrows(each, '`key`')).map(at)).toEqual([]);
  });

  it('a public call or property that needs a task module has @throws TypeError', () => {
    const finders = bodies.filter((body) => ts.isMethodDeclaration(body) && nameOf(body) === NAMED);
    const promises = reachingPublic(finders);
    expect(promises.map(at)).toEqual(
      expect.arrayContaining(['executor.ts actors', 'submitter.ts submit', 'submitter.ts tasks']),
    );
    expect(promises.filter((each) => !hasThrows(each, 'TypeError')).map(at)).toEqual([]);
  });
});
