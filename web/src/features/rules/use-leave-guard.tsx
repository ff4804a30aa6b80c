import { Button, Dialog, DialogActions, DialogContent, DialogTitle } from '@mui/material';
import { useEffect, useRef } from 'react';
import { useBlocker } from 'react-router';

/**
 * Asks before unsaved changes are left behind, within the page and when it is closed. `letGo` lets the next departure
 * pass, after saving.
 */
export function useLeaveGuard(changed: boolean) {
  const free = useRef(false);
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      changed && !free.current && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (!changed) return undefined;
    const warn = (event: BeforeUnloadEvent) => {
      event.preventDefault();
    };
    window.addEventListener('beforeunload', warn);
    return () => {
      window.removeEventListener('beforeunload', warn);
    };
  }, [changed]);
  return {
    letGo: () => {
      free.current = true;
    },
    question: (
      <Dialog open={blocker.state === 'blocked'} onClose={() => blocker.reset?.()} maxWidth="xs">
        <DialogTitle>Leave without saving?</DialogTitle>
        <DialogContent sx={{ color: 'text.secondary', fontSize: '0.875rem' }}>
          What you changed of this rule is lost.
        </DialogContent>
        <DialogActions>
          <Button color="secondary" onClick={() => blocker.proceed?.()}>
            Leave
          </Button>
          <Button variant="contained" autoFocus onClick={() => blocker.reset?.()}>
            Go on editing
          </Button>
        </DialogActions>
      </Dialog>
    ),
  };
}
