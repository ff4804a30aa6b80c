import { Box, Button, TextField } from '@mui/material';
import { useState } from 'react';
import { useAlertAction, type AlertAction } from '@/lib/api/alerts';
import { errorMessage } from '@/lib/api/error';
import type { Alert } from '@/lib/api/types';
import { useNotify } from '@/lib/store/hooks';

/** Acknowledges or resolves an alert, with a comment. */
export function AlertForm({ alert }: { alert: Alert }) {
  const [comment, setComment] = useState('');
  const action = useAlertAction();
  const notify = useNotify();
  const run = (name: AlertAction['action'], done: string) => {
    action.mutate(
      { id: alert.id, action: name, comment: comment.trim() },
      {
        onSuccess: () => {
          setComment('');
          notify('success', done);
        },
        onError: (error) => {
          notify('error', errorMessage(error));
        },
      },
    );
  };
  return (
    <Box sx={{ display: 'grid', gap: 1.5, p: 2.5, borderTop: 1, borderColor: 'line' }}>
      <TextField
        label="Comment (optional)"
        multiline
        maxRows={4}
        value={comment}
        onChange={(event) => {
          setComment(event.target.value);
        }}
        slotProps={{ htmlInput: { maxLength: 2000 } }}
      />
      <Box sx={{ display: 'flex', gap: 1 }}>
        {alert.status === 'open' && (
          <Button
            variant="contained"
            disabled={action.isPending}
            onClick={() => {
              run('acknowledge', 'The alert was acknowledged.');
            }}
          >
            Acknowledge
          </Button>
        )}
        <Button
          variant="outlined"
          color="secondary"
          disabled={action.isPending}
          onClick={() => {
            run('resolve', 'The alert was resolved.');
          }}
        >
          Resolve
        </Button>
      </Box>
    </Box>
  );
}
