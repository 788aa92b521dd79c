import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The conformance suite on each backend, and a test that waits for a silent Redis. */
const LONG = /\/test\/(backends\/[^/]+|bullmq\/silence)\.test\.ts$/;

/**
 * Starts the longest test files first, so that none of them runs alone at the end.
 *
 * On a fresh clone Vitest does not know how long files take, and starts the largest ones first. But
 * the files that take longest have only a few lines.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    // The files of a project stay together, because they share processes.
    const projects = new Set(sorted.map(({ project }) => project));
    return [...projects].flatMap((project) => {
      const own = sorted.filter((file) => file.project === project);
      return [...own.filter(isLong), ...own.filter((file) => !isLong(file))];
    });
  }
}

function isLong({ moduleId }: TestSpecification): boolean {
  return LONG.test(moduleId);
}
