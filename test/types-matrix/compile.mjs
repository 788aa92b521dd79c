/**
 * Checks projects with one version of TypeScript, and prints a list of their errors as JSON.
 *
 *   node compile.mjs <version> <tsconfig>…
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const [version, ...configs] = process.argv.slice(2);
const name = `typescript-${version}`;

/** @type {typeof import('typescript')} */
const ts = createRequire(import.meta.url)(name);

// TypeScript 7 is a native program. It starts faster than a JavaScript compiler parses its
// libraries.
const check = 'createProgram' in ts ? inProcess() : byCommand;
process.stdout.write(JSON.stringify(configs.map((config) => check(config))));

/** @param {string} config */
function byCommand(config) {
  const tsc = fileURLToPath(new URL(`./node_modules/${name}/bin/tsc`, import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' });
  return stdout + stderr;
}

function inProcess() {
  /** @type {Map<string, import('typescript').SourceFile | undefined>} */
  const parsed = new Map();
  return (/** @type {string} */ config) => {
    const { fileNames, options, errors } = /** @type {import('typescript').ParsedCommandLine} */ (
      ts.getParsedCommandLineOfConfigFile(config, {}, /** @type {any} */ (ts.sys))
    );
    const host = ts.createCompilerHost(options);
    const settings = JSON.stringify({ ...options, configFilePath: undefined });
    const read = host.getSourceFile;
    // Programs with the same settings share their parsed files. Each program has its own checker,
    // so comparisons of types are not shared.
    host.getSourceFile = (file, ...how) => {
      const key = `${settings} ${JSON.stringify(how[0])} ${file}`;
      if (!parsed.has(key)) parsed.set(key, read.call(host, file, ...how));
      return parsed.get(key);
    };
    const program = ts.createProgram({ rootNames: fileNames, options, host, configFileParsingDiagnostics: errors });
    return ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), host);
  };
}
