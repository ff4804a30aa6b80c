import { Alert, Button, IconButton, Snackbar } from '@mui/material';
import { X } from 'lucide-react';
import { useAppDispatch, useAppSelector } from '@/lib/store/hooks';
import { noticeClosed } from '@/lib/store/ui-slice';
import { takeUndo } from '@/lib/store/undo';

/** A notice that offers something stays long enough to reach for it. */
const kShownMs = { error: 8_000, undo: 7_000, other: 3_500 };

export function Toaster() {
  const dispatch = useAppDispatch();
  const notice = useAppSelector((state) => state.ui.notices[0]);
  if (!notice) return null;
  const close = () => {
    takeUndo(notice.id);
    dispatch(noticeClosed(notice.id));
  };
  const undo = () => {
    takeUndo(notice.id)?.();
    dispatch(noticeClosed(notice.id));
  };
  const shown = notice.undo ? 'undo' : notice.kind === 'error' ? 'error' : 'other';
  return (
    <Snackbar
      key={notice.id}
      open
      autoHideDuration={kShownMs[shown]}
      onClose={(_, reason) => {
        if (reason !== 'clickaway') close();
      }}
      anchorOrigin={{ vertical: 'bottom', horizontal: 'center' }}
      sx={{ bottom: { xs: 84, md: 24 } }}
    >
      <Alert
        severity={notice.kind}
        variant="filled"
        sx={{ boxShadow: 6 }}
        action={
          <>
            {notice.undo && (
              <Button color="inherit" size="small" onClick={undo}>
                Undo
              </Button>
            )}
            <IconButton size="small" aria-label="Close" title="Close" onClick={close}>
              <X size={18} />
            </IconButton>
          </>
        }
      >
        {notice.text}
      </Alert>
    </Snackbar>
  );
}
