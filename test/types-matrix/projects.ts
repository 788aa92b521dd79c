/**
 * Projects in which the types are checked, with common settings and the TypeScript versions for
 * them.
 */

export interface Project {
  readonly name: string;
  /** The folder of the sources: ES modules, CommonJS, or a project with its own older RxJS. */
  readonly folder: 'esm' | 'commonjs' | 'older-rxjs';
  readonly versions: readonly string[];
  /** Compiler options as in a tsconfig.json. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly orders: 'first' | 'every' | 'inputs';
  /** The expected error code if the compiler must refuse the project. */
  readonly refusal?: string;
}

/** The oldest supported version, the last version before 6, and all major versions since then. */
const versions = ['5.4', '5.9', '6.0', '7.0'];

const common = { strict: true, skipLibCheck: true, noEmit: true, target: 'ES2022', types: ['node'] };
const readme = { ...common, module: 'NodeNext', lib: ['ES2022', 'ESNext.Disposable'] };

export const projects: readonly Project[] = [
  { name: 'the settings of Getting started', folder: 'esm', versions, options: readme, orders: 'every' },
  {
    name: 'declarations checked too',
    folder: 'esm',
    versions,
    options: { ...readme, skipLibCheck: false },
    orders: 'first',
  },
  {
    name: 'CommonJS',
    folder: 'commonjs',
    versions,
    options: { ...readme, skipLibCheck: false },
    orders: 'first',
  },
  {
    name: 'CommonJS with node16',
    folder: 'commonjs',
    versions,
    options: { ...common, module: 'Node16' },
    orders: 'first',
  },
  { name: 'node16', folder: 'esm', versions, options: { ...common, module: 'Node16' }, orders: 'first' },
  {
    name: 'a bundler',
    folder: 'esm',
    versions,
    options: { ...common, module: 'ESNext', moduleResolution: 'Bundler', lib: ['ESNext', 'DOM', 'DOM.Iterable'] },
    orders: 'first',
  },
  {
    name: 'the strictest settings',
    folder: 'esm',
    versions,
    options: {
      ...readme,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noPropertyAccessFromIndexSignature: true,
      verbatimModuleSyntax: true,
      isolatedModules: true,
    },
    orders: 'first',
  },
  { name: 'no strict checks', folder: 'esm', versions, options: { ...readme, strict: false }, orders: 'first' },
  // TypeScript treats Observables of two RxJS versions as different types. Only functions that
  // accept every ObservableInput work with both.
  { name: 'an older RxJS beside ours', folder: 'older-rxjs', versions, options: readme, orders: 'inputs' },
];
