import {
  Alert,
  Box,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
} from '@mui/material';
import { CopyField } from './copy-field';

interface SecretDialogProps {
  title: string;
  /** "password", "key". */
  what: string;
  fields: readonly { label: string; value: string }[];
  onClose: () => void;
}

/** Shows what was just made and is seen this once; closes only by its button. */
export function SecretDialog({ title, what, fields, onClose }: SecretDialogProps) {
  return (
    <Dialog open fullWidth maxWidth="sm">
      <DialogTitle>{title}</DialogTitle>
      <DialogContent>
        <Box sx={{ display: 'grid', gap: 2, pt: 1 }}>
          {fields.map(({ label, value }) => (
            <CopyField key={label} label={label} value={value} />
          ))}
          <Alert severity="warning">
            Keep the {what} now: it is shown this once and cannot be looked up later.
          </Alert>
        </Box>
      </DialogContent>
      <DialogActions>
        <Button variant="contained" onClick={onClose}>
          I have kept it
        </Button>
      </DialogActions>
    </Dialog>
  );
}
