import { Button } from '@mui/material';
import { Check } from 'lucide-react';
import { useAlertAction } from '@/lib/api/alerts';
import { errorMessage } from '@/lib/api/error';
import type { Alert } from '@/lib/api/types';
import { useNotify, usePermissions } from '@/lib/store/hooks';

/** Acknowledges at once; a comment can be given in the alert's details. */
export function AcknowledgeButton({ alert }: { alert: Alert }) {
  const action = useAlertAction();
  const notify = useNotify();
  const { edit } = usePermissions();
  if (alert.status !== 'open' || !edit) return null;
  return (
    <Button
      size="small"
      variant="outlined"
      color="secondary"
      startIcon={<Check size={14} />}
      loading={action.isPending}
      data-testid="alert-ack"
      aria-label={`Acknowledge ${alert.rule_name} on ${alert.device_id}`}
      onClick={(event) => {
        event.stopPropagation();
        action.mutate(
          { id: alert.id, action: 'acknowledge' },
          {
            onSuccess: () => {
              notify('success', `${alert.rule_name} was acknowledged.`);
            },
            onError: (error) => {
              notify('error', errorMessage(error));
            },
          },
        );
      }}
    >
      Acknowledge
    </Button>
  );
}
