/**
 * `rx-futures/dashboard`: a page that shows live what executors do.
 *
 * @module rx-futures/dashboard
 */
export type { DashboardOptions } from './dashboard/options.js';
export { type Dashboard, serveDashboard } from './dashboard/serve.js';
