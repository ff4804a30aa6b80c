import { Alert, Snackbar } from '@mui/material';
import { useAppDispatch, useAppSelector } from '@/lib/store/hooks';
import { noticeClosed } from '@/lib/store/ui-slice';

export function Toaster() {
  const dispatch = useAppDispatch();
  const notice = useAppSelector((state) => state.ui.notices[0]);
  if (!notice) return null;
  const close = () => dispatch(noticeClosed(notice.id));
  return (
    <Snackbar
      key={notice.id}
      open
      autoHideDuration={notice.kind === 'error' ? 8_000 : 3_500}
      onClose={(_, reason) => {
        if (reason !== 'clickaway') close();
      }}
      anchorOrigin={{ vertical: 'bottom', horizontal: 'center' }}
      sx={{ bottom: { xs: 84, md: 24 } }}
    >
      <Alert severity={notice.kind} variant="filled" onClose={close} sx={{ boxShadow: 6 }}>
        {notice.text}
      </Alert>
    </Snackbar>
  );
}
