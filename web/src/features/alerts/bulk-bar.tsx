import { Box, Button, IconButton, Typography } from '@mui/material';
import { Check, CheckCheck, UserCheck, X } from 'lucide-react';
import { useBulkAction, type AlertRequest } from '@/lib/api/alerts';
import { errorMessage } from '@/lib/api/error';
import { useNotify, useUser } from '@/lib/store/hooks';
import { describeOutcome } from './alert-actions';
import { ShelveButton } from './shelve-button';

interface BulkBarProps {
  selected: ReadonlySet<string>;
  onDone: () => void;
}

/** What can be done with the alerts that are ticked; sticks to the lower edge while the list is scrolled. */
export function BulkBar({ selected, onDone }: BulkBarProps) {
  const bulk = useBulkAction();
  const notify = useNotify();
  const me = useUser()?.id;
  if (selected.size === 0) return null;
  const run = (request: AlertRequest) => {
    bulk.mutate(
      { ids: [...selected], ...request },
      {
        onSuccess: ({ changed, refused }) => {
          notify(
            changed > 0 ? 'success' : 'error',
            describeOutcome(request.action, changed, refused),
          );
          onDone();
        },
        onError: (error) => {
          notify('error', errorMessage(error));
        },
      },
    );
  };
  const common = {
    size: 'small',
    variant: 'outlined',
    color: 'secondary',
    disabled: bulk.isPending,
  } as const;
  return (
    <Box
      role="toolbar"
      aria-label="Selected alerts"
      data-testid="bulk-bar"
      sx={{
        position: 'sticky',
        bottom: { xs: 64, md: 12 },
        zIndex: 2,
        display: 'flex',
        flexWrap: 'wrap',
        alignItems: 'center',
        gap: 1,
        m: 1.5,
        px: 1.5,
        py: 1,
        bgcolor: 'background.paper',
        border: 1,
        borderColor: 'primary.main',
        borderRadius: 1.25,
        boxShadow: 3,
      }}
    >
      <Typography variant="body2" sx={{ fontWeight: 580, mr: 'auto' }} aria-live="polite">
        {selected.size} selected
      </Typography>
      <Button
        {...common}
        startIcon={<Check size={14} />}
        onClick={() => {
          run({ action: 'acknowledge' });
        }}
      >
        Acknowledge
      </Button>
      <Button
        {...common}
        startIcon={<CheckCheck size={14} />}
        onClick={() => {
          run({ action: 'resolve' });
        }}
      >
        Resolve
      </Button>
      <ShelveButton
        size="small"
        disabled={bulk.isPending}
        onShelve={(minutes) => {
          run({ action: 'shelve', minutes });
        }}
      />
      {me !== undefined && (
        <Button
          {...common}
          startIcon={<UserCheck size={14} />}
          onClick={() => {
            run({ action: 'assign', assignee: me });
          }}
        >
          Assign to me
        </Button>
      )}
      <IconButton size="small" aria-label="Select none" onClick={onDone}>
        <X size={16} />
      </IconButton>
    </Box>
  );
}
