/**
 * The parts of Vitest that the tests use. Tests are defined and run by Vitest's own runner, which is
 * plain JavaScript.
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
