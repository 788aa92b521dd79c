import { describe, expect, it } from 'vitest';
import { ProgressSubject } from '../../../src/engine/run/progress-subject.js';
import { collect } from '../../support/collect.js';

describe('ProgressSubject', () => {
  it('a late subscriber receives the latest value, and all later ones', () => {
    const subject = new ProgressSubject(false);
    subject.next(1);
    subject.next(2);
    const seen = collect(subject.values);
    subject.next(3);
    subject.complete();
    expect(seen).toEqual(['next 2', 'next 3', 'complete']);
    expect(collect(subject.values)).toEqual(['next 3', 'complete']);
  });

  it('a subject of a settled future completes at once', () => {
    expect(collect(new ProgressSubject(true).values)).toEqual(['complete']);
  });
});
