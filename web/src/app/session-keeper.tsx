import { Box, LinearProgress, Typography } from '@mui/material';
import { useEffect, useRef, type ReactNode } from 'react';
import { LogoMark } from '@/components/ui/logo';
import { ApiError } from '@/lib/api/error';
import { api } from '@/lib/api/instance';
import { liveHub } from '@/lib/live/instance';
import { useAppSelector } from '@/lib/store/hooks';
import { queryClient } from './query-client';

const kRestoreRetryMs = 3_000;
const kProbeMs = 3_000;

/** Asks for the session of the cookie until there is an answer, whichever it is. */
function useRestoredSession() {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const restore = () => {
      api.restore().catch((error: unknown) => {
        const answered = error instanceof ApiError && error.status === 401;
        if (!answered && !over) timer = setTimeout(restore, kRestoreRetryMs);
      });
    };
    restore();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, []);
}

/** While the platform does not answer: asks whether it is back, then loads everything anew. */
function useReconnect() {
  const reachable = useAppSelector((state) => state.ui.reachable);
  const signedIn = useAppSelector((state) => state.session.status === 'signed-in');
  useEffect(() => {
    if (reachable || !signedIn) return undefined;
    const timer = setInterval(() => {
      api
        .get('/api/auth/me')
        .then(() => {
          liveHub.retryNow();
          return queryClient.invalidateQueries();
        })
        .catch(() => undefined);
    }, kProbeMs);
    return () => {
      clearInterval(timer);
    };
  }, [reachable, signedIn]);
}

/** Nothing of one user's session may be seen in the next one. */
function useCleanEnd() {
  const userId = useAppSelector((state) => state.session.user?.id);
  const before = useRef(userId);
  useEffect(() => {
    if (before.current !== undefined && before.current !== userId) {
      liveHub.closeAll();
      queryClient.clear();
    }
    before.current = userId;
  }, [userId]);
}

export function SessionKeeper({ children }: { children: ReactNode }) {
  useRestoredSession();
  useReconnect();
  useCleanEnd();
  const restoring = useAppSelector((state) => state.session.status === 'restoring');
  const reachable = useAppSelector((state) => state.ui.reachable);
  if (!restoring) return children;
  return (
    <Box sx={{ display: 'grid', placeItems: 'center', minHeight: '100dvh' }} role="status">
      <Box sx={{ width: 200, display: 'grid', justifyItems: 'center', gap: 2 }}>
        <LogoMark size={44} />
        <LinearProgress aria-label="Loading" sx={{ width: 120, height: 3, borderRadius: 2 }} />
        {!reachable && (
          <Typography variant="body2" color="textSecondary" align="center">
            The platform does not answer. Trying again…
          </Typography>
        )}
      </Box>
    </Box>
  );
}
