import { Alert, Button, Divider, LinearProgress } from '@mui/material';
import { useMutation, useQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { ApiError, errorMessage } from '@/lib/api/error';
import { api } from '@/lib/api/instance';
import type { Oidc } from '@/lib/api/types';
import { providerError, readProviderReturn, recallNext, rememberNext } from './provider-return';

/**
 * Reads the fragment once and takes it out of the address, so that it is in no history and no link. Where the person
 * wanted to go is put back, for another attempt.
 */
function takeReturn() {
  const found = readProviderReturn(window.location.hash);
  if (found) {
    const next = recallNext();
    const search =
      next === null ? window.location.search : `?${new URLSearchParams({ next }).toString()}`;
    window.history.replaceState(window.history.state, '', window.location.pathname + search);
  }
  return found;
}

function collectError(error: unknown): string {
  if (error instanceof ApiError && error.code === 'UNAUTHENTICATED')
    return providerError('expired');
  return errorMessage(error);
}

/** Signing in by the OpenID provider, where one is configured; also the way back from it. */
export function ProviderLogin() {
  const [back] = useState(takeReturn);
  const collect = useMutation({ mutationFn: (code: string) => api.openSession(code), gcTime: 0 });
  const provider = useQuery({
    queryKey: ['oidc'],
    queryFn: ({ signal }) => api.get<Oidc>('/api/auth/oidc', { signal }),
    staleTime: Infinity,
  });

  // A code is good once, and effects may run twice.
  const spent = useRef(false);
  const { mutate } = collect;
  const code = back?.code;
  useEffect(() => {
    if (!code || spent.current) return;
    spent.current = true;
    mutate(code);
  }, [code, mutate]);

  const problem = collect.isError
    ? collectError(collect.error)
    : back?.error
      ? providerError(back.error)
      : null;
  return (
    <>
      {problem && (
        // Who gave up knows it: nothing failed.
        <Alert severity={back?.error === 'cancelled' ? 'info' : 'error'}>{problem}</Alert>
      )}
      {collect.isPending && <LinearProgress aria-label="Signing in" />}
      {provider.data?.enabled && (
        <>
          <Button
            href="/api/auth/oidc/login"
            variant="outlined"
            size="large"
            startIcon={<KeyRound size={18} />}
            onClick={() => {
              rememberNext(window.location.search);
            }}
            data-testid="login-provider"
            sx={{ minHeight: 46, fontSize: '0.9375rem', overflowWrap: 'anywhere' }}
          >
            Sign in with {provider.data.label}
          </Button>
          <Divider sx={{ color: 'text.secondary', typography: 'body2' }}>or</Divider>
        </>
      )}
    </>
  );
}
