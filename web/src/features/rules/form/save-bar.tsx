import { Alert, Box, Button } from '@mui/material';
import { Link } from 'react-router';
import type { ReactNode } from 'react';

interface SaveBarProps {
  save: string;
  busy: boolean;
  changed: boolean;
  /** What keeps it from being saved, and what can be done about it. */
  trouble: { text: string; actions?: ReactNode } | null;
}

/** Stays in sight at the foot of a long form. */
export function SaveBar({ save, busy, changed, trouble }: SaveBarProps) {
  return (
    <Box
      sx={{
        position: 'sticky',
        zIndex: 2,
        bottom: { xs: 'calc(60px + env(safe-area-inset-bottom))', md: 0 },
        mt: 2,
        py: 1.25,
        bgcolor: 'background.default',
        borderTop: 1,
        borderColor: 'line',
      }}
    >
      {trouble && (
        <Alert severity="error" action={trouble.actions} sx={{ mb: 1 }}>
          {trouble.text}
        </Alert>
      )}
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1 }}>
        <Button type="submit" variant="contained" loading={busy}>
          {save}
        </Button>
        <Button component={Link} to="/rules" color="secondary">
          Cancel
        </Button>
        <Box sx={{ flex: 1, textAlign: 'right', color: 'text.secondary', fontSize: '0.8125rem' }}>
          {changed && 'Not saved yet'}
        </Box>
      </Box>
    </Box>
  );
}
