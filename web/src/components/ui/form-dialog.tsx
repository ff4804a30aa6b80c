import {
  Alert,
  Box,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
} from '@mui/material';
import type { FormEvent, ReactNode } from 'react';
import { errorMessage } from '@/lib/api/error';
import { fieldErrors } from '@/lib/forms';

interface FormDialogProps {
  title: string;
  save: string;
  busy: boolean;
  disabled?: boolean;
  /** Why it was not saved; null while nothing is wrong. */
  error: unknown;
  width?: 'xs' | 'sm' | 'lg';
  /** Beside the buttons. */
  note?: ReactNode;
  onSave: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** A form in a dialog. What the server says of single fields is shown by the fields. */
export function FormDialog(props: FormDialogProps) {
  const general =
    props.error !== null &&
    props.error !== undefined &&
    Object.keys(fieldErrors(props.error)).length === 0;
  function submit(event: FormEvent) {
    event.preventDefault();
    props.onSave();
  }
  return (
    <Dialog
      open
      onClose={props.onClose}
      fullWidth
      maxWidth={props.width ?? 'xs'}
      slotProps={{ paper: { component: 'form', onSubmit: submit, noValidate: true } as object }}
    >
      <DialogTitle>{props.title}</DialogTitle>
      <DialogContent>
        {general && (
          <Alert severity="error" sx={{ mb: 1 }}>
            {errorMessage(props.error)}
          </Alert>
        )}
        <Box sx={{ display: 'grid', gap: 2, pt: 1 }}>{props.children}</Box>
      </DialogContent>
      <DialogActions>
        {props.note !== undefined && (
          <Box sx={{ flex: 1, color: 'text.secondary', fontSize: '0.8125rem' }} aria-live="polite">
            {props.note}
          </Box>
        )}
        <Button color="secondary" onClick={props.onClose}>
          Cancel
        </Button>
        <Button
          type="submit"
          variant="contained"
          loading={props.busy}
          disabled={props.disabled === true}
        >
          {props.save}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
