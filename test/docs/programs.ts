/**
 * Programs of the documentation: a folder in which the package is installed, the compiler, and
 * plain node.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { isBuilt } from '../../scripts/build.mjs';
import { root } from './pages.js';

/** Creates a temporary folder with `rx-futures` and the named packages in its node_modules. */
export function makeHome(name: string, packages: readonly string[] = ['rxjs']): string {
  const home = realpathSync(mkdtempSync(path.join(tmpdir(), name)));
  mkdirSync(path.join(home, 'node_modules'));
  symlinkSync(root, path.join(home, 'node_modules/rx-futures'));
  for (const each of packages)
    symlinkSync(path.join(root, 'node_modules', each), path.join(home, 'node_modules', each));
  writeFileSync(path.join(home, 'package.json'), '{ "type": "module" }');
  return home;
}

/** Writes the JavaScript of a TypeScript file beside the file. */
export function transpile(file: string): void {
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
    compilerOptions: { ...compilerOptions(), module: ts.ModuleKind.ESNext },
  });
  writeFileSync(file.replace(/\.ts$/, '.js'), outputText);
}

/** ms for work with the compiler. It takes some seconds, and much longer on a busy machine. */
export const COMPILER_TIMEOUT_MS = 120_000;

/**
 * Compiles programs against the types in dist, as in the project of a user.
 *
 * @throws Error if dist has no types of the present sources
 */
export function compile(files: readonly string[]): ts.Program {
  if (!isBuilt())
    throw new Error(
      'The examples are compiled against the types in dist, which are missing or older than src. Run "npm run build", then run the tests again.',
    );
  return ts.createProgram({ rootNames: files, options: compilerOptions() });
}

/** Returns the errors in a file as text. Empty if there are none. */
export function errorsIn(program: ts.Program, file: string): string {
  return ts.formatDiagnostics(ts.getPreEmitDiagnostics(program, program.getSourceFile(file)), {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => path.dirname(file),
    getNewLine: () => '\n',
  });
}

/**
 * Returns the lines that a program prints to stdout. It runs without the settings of the test
 * runner.
 */
export async function run(file: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [file.replace(/\.ts$/, '.js')], {
    env: { PATH: process.env['PATH'] },
    timeout: 15_000,
  });
  return stdout.trimEnd().split('\n');
}

/**
 * The options of the repository. Unused locals are allowed, because no program uses all that is
 * declared before it.
 */
export function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root, undefined, path.join(root, 'tsconfig.json'));
  return { ...options, noUnusedLocals: false };
}
