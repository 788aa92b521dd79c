import { describe, expect, it } from 'vitest';
import { hasToken, isLoopback, refusalOf } from '../../../src/dashboard/server/access.js';

const access = { token: 'the-right-token-1', isLocal: true };
const request = (headers: Record<string, string>, method = 'GET') => ({ headers, method }) as never;
const query = (text = '') => new URLSearchParams(text);

describe('the access', () => {
  it.each(['127.0.0.1', '127.1.2.3', 'localhost', 'LOCALHOST', '::1'])('%s is a loopback address', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '192.168.1.5', '127.0.0.1.example.org', 'localhost.example.org', '128.0.0.1', ''])(
    '%s is not a loopback address',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );

  it.each(['127.0.0.1:8080', 'localhost:8080', '[::1]:8080', 'localhost'])('the host %s is accepted', (host) => {
    expect(refusalOf(request({ host }), access)).toBeUndefined();
  });

  it.each(['evil.example:8080', '127.0.0.1.evil.example', '', 'localhost:8080@evil.example', '[::1'])(
    'the host "%s" is refused, because a page may have pointed its name to this machine',
    (host) => {
      expect(refusalOf(request({ host }), access)).toContain('is not a loopback address');
      expect(refusalOf(request({ host }), { ...access, isLocal: false })).toBeUndefined();
    },
  );

  it('requests of pages of other sites are refused', () => {
    const own = { host: 'localhost:80', origin: 'http://localhost:80' };
    expect(refusalOf(request({ host: 'localhost:8080', origin: 'http://localhost:8080' }), access)).toBeUndefined();
    expect(refusalOf(request({ ...own, origin: 'http://localhost:3000' }), access)).toContain('another site');
    expect(refusalOf(request({ ...own, origin: 'null' }), access)).toContain('another site');
    const crossing = { host: 'localhost', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    expect(refusalOf(request(crossing), access)).toContain('Another site');
    expect(refusalOf(request({ ...crossing, 'sec-fetch-mode': 'navigate' }), access)).toBeUndefined();
  });

  it('the token is accepted in a header, and in the link of a page', () => {
    expect(hasToken(request({ authorization: 'Bearer the-right-token-1' }), query(), access)).toBe(true);
    expect(hasToken(request({}), query('token=the-right-token-1'), access)).toBe(true);
    expect(hasToken(request({}, 'POST'), query('token=the-right-token-1'), access)).toBe(false);
  });

  it.each(['', 'Bearer ', 'Bearer the-right-token-2', 'Bearer the-right-token-', 'Basic the-right-token-1'])(
    'the header "%s" is not the token',
    (authorization) => {
      expect(hasToken(request({ authorization }), query(), access)).toBe(false);
    },
  );
});
