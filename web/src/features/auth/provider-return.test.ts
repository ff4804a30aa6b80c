import { afterEach, describe, expect, it } from 'vitest';
import {
  forgetNext,
  providerError,
  readProviderReturn,
  recallNext,
  rememberNext,
} from './provider-return';

afterEach(() => {
  sessionStorage.clear();
});

describe('readProviderReturn', () => {
  it('finds the code or the reason, and nothing in other fragments', () => {
    expect(readProviderReturn('#sso=a-b_C')).toEqual({ code: 'a-b_C', error: null });
    expect(readProviderReturn('#sso_error=refused')).toEqual({ code: null, error: 'refused' });
    for (const hash of ['', '#', '#top', '#ssox=1']) expect(readProviderReturn(hash)).toBeNull();
  });
});

describe('providerError', () => {
  it('has words for what it knows, and never shows what somebody put into a link', () => {
    expect(providerError('email_taken')).toContain('Another account');
    expect(providerError('Call 555-1234')).toBe('The sign-in did not succeed. Begin again.');
    expect(providerError('constructor')).toBe('The sign-in did not succeed. Begin again.');
  });
});

describe('rememberNext', () => {
  it('keeps the way over the visit at the provider, and forgets an earlier one', () => {
    rememberNext('?next=%2Fdevices');
    expect(recallNext()).toBe('/devices');
    rememberNext('');
    expect(recallNext()).toBeNull();
    rememberNext('?next=%2Frules');
    forgetNext();
    expect(recallNext()).toBeNull();
  });
});
