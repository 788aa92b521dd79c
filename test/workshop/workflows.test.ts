/** The files of .github, and package.json: what one of them names exists in the others. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const manifest = JSON.parse(read('package.json'));
const files = readdirSync(path.join(root, '.github'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yml'))
  .map((file) => `.github/${file.replaceAll('\\', '/')}`);
const workflows = files.filter((file) => file.startsWith('.github/workflows/'));

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly os: string[]; readonly node: number[] } };
  readonly steps: readonly Step[];
}

describe.each(files)('%s', (file) => {
  it('the file is valid YAML without duplicate keys', () => {
    const document = parseDocument(read(file), { uniqueKeys: true });
    expect([...document.errors, ...document.warnings]).toEqual([]);
  });
});

describe.each(workflows)('%s', (file) => {
  const { jobs, permissions } = parse<Workflow>(file);
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  it('a workflow runs only npm scripts that package.json has', () => {
    const names = steps.flatMap(({ run = '' }) => [...run.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!));
    expect(names.filter((name) => !(name in manifest.scripts))).toEqual([]);
  });

  it('a workflow pins every action to a version', () => {
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    expect(actions.filter((action) => !/^actions\/[\w-]+@(v\d+\.\d+\.\d+|[0-9a-f]{40})$/.test(action))).toEqual([]);
  });

  it('the workflow has no permission to write by default', () => {
    expect([{}, { contents: 'read' }]).toContainEqual(permissions);
  });
});

describe('the fresh machine of CI', () => {
  const { steps } = parse<Workflow>('.github/workflows/ci.yml').jobs['fresh-machine']!;

  it('a job of CI runs `.ci/run` on the oldest Node that package.json allows', () => {
    const [, oldest] = /^>=(\d+)/.exec(manifest.engines.node)!;
    const setup = steps.find(({ uses }) => uses?.startsWith('actions/setup-node@'));
    expect(setup?.with?.['node-version']).toBe(Number(oldest));
    expect(steps.flatMap(({ run }) => run ?? []).at(-1)).toBe('.ci/run');
    expect(existsSync(path.join(root, '.ci/run'))).toBe(true);
  });
});

describe('the matrix of CI', () => {
  const { matrix } = parse<Workflow>('.github/workflows/ci.yml').jobs['gate']!.strategy!;

  it('the matrix has the Nodes of scripts/test-on-nodes.sh', () => {
    const [, versions] = /^\[ \$# -gt 0 \] \|\| versions=\(([\d ]+)\)$/m.exec(read('scripts/test-on-nodes.sh'))!;
    expect(matrix.node).toEqual(versions!.split(' ').map(Number));
  });

  it('the first Node of the matrix is the oldest that package.json allows', () => {
    const [, oldest] = /^>=(\d+)/.exec(manifest.engines.node)!;
    expect(matrix.node[0]).toBe(Number(oldest));
  });

  it('the matrix has three systems', () => {
    expect(matrix.os).toEqual(['ubuntu-latest', 'macos-latest', 'windows-latest']);
  });
});

describe('the release', () => {
  const { jobs } = parse<Workflow>('.github/workflows/release.yml');

  it('the release is published with provenance, in a job that runs no code of dependencies', () => {
    const { permissions, steps } = jobs['publish']!;
    expect(permissions).toEqual({ 'id-token': 'write' });
    const commands = steps.flatMap(({ run }) => run ?? []);
    expect(commands).toEqual(['npm publish --provenance --access public --ignore-scripts ./rx-futures-*.tgz']);
  });

  it('the release is built by a job that passes `npm run ok`', () => {
    expect(jobs['build']!.steps.flatMap(({ run }) => run ?? [])).toContain('npm run ok');
  });
});

describe('package.json', () => {
  it('package.json names one repository everywhere', () => {
    const home = 'https://github.com/rx-futures/rx-futures';
    expect(manifest.repository.url).toBe(`git+${home}.git`);
    expect(manifest.bugs.url).toBe(`${home}/issues`);
    expect(manifest.homepage).toBe(`${home}#readme`);
  });

  it('the gate consists of scripts that exist', () => {
    const names = [...manifest.scripts.ok.matchAll(/npm (?:run )?([\w:-]+)/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !(name in manifest.scripts))).toEqual([]);
  });

  it('each entry has an API report', () => {
    const entries = Object.values<{ types?: string }>(manifest.exports).flatMap(({ types }) => types ?? []);
    const missing = entries.filter(
      (types) => !existsSync(path.join(root, 'etc', `${path.basename(types, '.d.ts')}.api.md`)),
    );
    expect(missing).toEqual([]);
  });
});

function parse<T>(file: string): T {
  return parseDocument(read(file)).toJS() as T;
}
