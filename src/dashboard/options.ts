/** The options of `serveDashboard`. */
import { type Checks, integer, nonEmptyString, validate } from '../util/validate.js';

/** Options of {@link serveDashboard}. */
export interface DashboardOptions {
  /**
   * The port. 0 chooses a free one.
   *
   * @default 0
   */
  readonly port?: number;
  /**
   * The address on which the server listens: a name or an IP address of this machine. Unless it is
   * a loopback address, all requests need the token.
   *
   * @default '127.0.0.1'
   */
  readonly host?: string;
  /**
   * The token for the buttons of the page, at least 16 characters. Set it if several starts of a
   * program should have the same one.
   *
   * @default a random token
   */
  readonly token?: string;
}

/** A random token of this length can't be guessed. */
const MIN_TOKEN = 16;
const MAX_PORT = 65_535;

const checks: Checks<DashboardOptions> = {
  port: integer(0, MAX_PORT),
  host: nonEmptyString,
  token(at, value) {
    if (typeof value === 'string' && value.length >= MIN_TOKEN && /^[\w-]+$/.test(value)) return;
    // The message does not repeat the token, because messages get into logs.
    throw new TypeError(
      `${at}: expected ${MIN_TOKEN} or more letters, digits, "-" or "_". Pass a longer text, or omit the option for a random one.`,
    );
  },
};

/**
 * @throws TypeError if an option is unknown or has the wrong type
 * @throws RangeError if `port` is out of range
 */
export function checkOptions(options: DashboardOptions): void {
  validate('serveDashboard()', options, checks);
}
