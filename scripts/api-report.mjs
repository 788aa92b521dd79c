/**
 * The public API of each entry as a report in etc/, so that every change of it is a diff in a
 * review.
 *
 *     npm run api         updates the reports
 *     npm run api:check   fails if a report differs from the types
 *
 * API Extractor reads declarations that tsc emits. The bundled ones in dist would put the same API
 * under other names: a bundler renames types that several files declare.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { typed as entries } from './entries.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = path.join(root, 'etc');
const isCheck = process.argv.includes('--check');

// The folder is inside the project, so that imports of rxjs and of Node's types are found. It is
// not in node_modules, because API Extractor would treat its files as those of another package.
const cache = path.join(root, '.cache');
mkdirSync(cache, { recursive: true });
const home = mkdtempSync(path.join(cache, 'api-'));
try {
  emitDeclarations();
  const changed = entries.filter((entry) => !isReportUpToDate(entry));
  const stale = readdirSync(reports).filter((file) => !entries.includes(file.replace('.api.md', '')));
  for (const file of stale) console.error(`etc/${file}: package.json has no such entry. Delete the report.`);
  for (const entry of changed) {
    console.error(isCheck ? `etc/${entry}.api.md differs from the types.` : `etc/${entry}.api.md is updated.`);
  }
  if (isCheck && changed.length > 0) console.error('Run npm run api, and commit the difference.');
  if (stale.length > 0 || (isCheck && changed.length > 0)) process.exitCode = 1;
} finally {
  rmSync(home, { recursive: true, force: true });
}

function emitDeclarations() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--allowJs', 'false'];
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.api.json', ...options, '--outDir', home], {
    cwd: root,
    stdio: 'inherit',
  });
}

/** Writes the report, unless this is a check. */
function isReportUpToDate(entry) {
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: path.join(root, 'package.json'),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: path.join(home, `${entry}.d.ts`),
      newlineKind: 'lf',
      compiler: { tsconfigFilePath: path.join(root, 'tsconfig.api.json') },
      apiReport: { enabled: true, reportFolder: reports, reportTempFolder: home, reportFileName: `${entry}.api.md` },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        // Types that an entry uses and does not export are listed in its report.
        extractorMessageReporting: {
          default: { logLevel: 'none' },
          'ae-forgotten-export': { logLevel: 'none', addToApiReportFile: true },
        },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  });
  const result = Extractor.invoke(config, {
    localBuild: !isCheck,
    messageCallback(message) {
      // The reports are compared below.
      if (message.logLevel !== 'error') message.handled = true;
    },
  });
  if (result.errorCount > 0) throw new Error(`API Extractor can't read the entry "${entry}".`);
  return !result.apiReportChanged;
}
