/**
 * The parts of Vitest that the tests use. Vitest's own runner, which is plain JavaScript, defines
 * and runs the tests.
 */
export {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  it,
  onTestFinished,
  suite,
  test,
} from '@vitest/runner';
export { expect, vi } from '../../support/vitest-api.js';
