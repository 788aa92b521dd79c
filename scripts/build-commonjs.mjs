// @ts-check
/**
 * Builds the CommonJS files of the package, after `tsup` has built the ES modules:
 *
 *   - `dist/<entry>.cjs`, for programs that load CommonJS alone, such as Jest.
 *   - `dist/<entry>.d.cts`, the types, and `dist/<entry>.d.ts`, which exports the same types. A
 *     class with private fields would be two classes if it were declared twice.
 *
 * docs/decisions/0047-commonjs-for-test-runners.md has the reasons.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { entries, typed } from './entries.mjs';

const { resolve } = createRequire(import.meta.url);
// esbuild is installed with tsup.
const esbuild = createRequire(resolve('tsup'))('esbuild');
const root = fileURLToPath(new URL('..', import.meta.url));
const dist = path.join(root, 'dist');
const { dependencies, peerDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

/**
 * A CommonJS file has no `import.meta`. This name has the URL of the file in its place. Text that
 * looks like it, such as the example in an error message, stays as it is.
 */
const OWN_URL = 'rxFuturesFileUrl';

/** The plugins handle these. tinypool has ES modules alone, so it is part of the build. */
const bundled = ['rxjs', 'tinypool'];

removeOld();
await buildScripts();
buildTypes();

function removeOld() {
  for (const file of readdirSync(dist)) if (/\.cjs$|\.d\.cts$/.test(file)) rmSync(path.join(dist, file));
}

async function buildScripts() {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`])),
    bundle: true,
    // Entries share chunks, so that each class exists once. esbuild splits only ES modules, so the
    // files become CommonJS in a second step.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    external: Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => !bundled.includes(name)),
    plugins: [
      { name: 'parts of rxjs', setup: replaceRxjs },
      { name: 'import.meta.url', setup: replaceUrls },
    ],
    define: { 'import.meta.url': OWN_URL },
    banner: { js: `const ${OWN_URL} = ${urlOf('__filename')};` },
    write: false,
  });
  for (const { path: file, text } of outputFiles) writeFileSync(file, await toCommonJs(text));
}

/**
 * `import { … } from 'rxjs'` becomes the file that loads parts of rxjs (scripts/rxjs-parts.mjs).
 *
 * @param {any} build
 */
function replaceRxjs(build) {
  build.onResolve({ filter: /^rxjs$/ }, () => ({ path: './rxjs/parts.cjs', external: true, sideEffects: false }));
}

/**
 * tinypool finds its workers beside itself, so its bundled code gets the place where tinypool is
 * installed.
 *
 * @param {any} build
 */
function replaceUrls(build) {
  const tinypool = path.dirname(fileURLToPath(import.meta.resolve('tinypool')));
  const license = readFileSync(path.join(tinypool, '../LICENSE'), 'utf8').trim();
  build.onLoad({ filter: /\.js$/ }, ({ path: file }) => {
    if (!file.startsWith(tinypool + path.sep)) return undefined;
    const text = readFileSync(file, 'utf8').replaceAll('import.meta.url', urlOf("require.resolve('tinypool')"));
    return { contents: path.basename(file) === 'index.js' ? `/*!\ntinypool\n\n${license}\n*/\n${text}` : text };
  });
}

/** @param {string} file JavaScript that evaluates to a path */
function urlOf(file) {
  return `require('node:url').pathToFileURL(${file}).href`;
}

/** @param {string} text */
async function toCommonJs(text) {
  const { code } = await esbuild.transform(text, { format: 'cjs', target: 'node20', platform: 'node' });
  return code;
}

function buildTypes() {
  for (const file of readdirSync(dist).filter((name) => name.endsWith('.d.ts'))) {
    const text = readFileSync(path.join(dist, file), 'utf8');
    const name = path.basename(file, '.d.ts');
    writeFileSync(path.join(dist, `${name}.d.cts`), text.replace(/^((?:import|.* from) '\.\/[^']+)\.js'/gm, "$1.cjs'"));
    if (typed.includes(name)) writeFileSync(path.join(dist, file), `export * from './${name}.cjs';\n`);
    else rmSync(path.join(dist, file));
  }
}
