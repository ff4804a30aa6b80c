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
  error: unknown;
  onSave: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** A form in a dialog. What the server says of single fields is shown by the fields. */
export function FormDialog(props: FormDialogProps) {
  const general = props.error !== null && Object.keys(fieldErrors(props.error)).length === 0;
  function submit(event: FormEvent) {
    event.preventDefault();
    props.onSave();
  }
  return (
    <Dialog
      open
      onClose={props.onClose}
      fullWidth
      maxWidth="xs"
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
