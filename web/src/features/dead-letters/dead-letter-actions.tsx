import { Button, Tooltip } from '@mui/material';
import { RotateCcw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { usePurge, useReplay, type DeadLetterTarget } from '@/lib/api/dead-letters';
import { errorMessage } from '@/lib/api/error';
import { useNotify, usePermissions } from '@/lib/store/hooks';
import { counted } from '@/lib/units';

interface DeadLetterActionsProps {
  target: () => DeadLetterTarget;
  /** What the actions are for: "this message", "all 12 matching messages". */
  subject: string;
}

/** Replay, for those who may edit, and removal, for admins. */
export function DeadLetterActions({ target, subject }: DeadLetterActionsProps) {
  const { edit, manageDevices } = usePermissions();
  const notify = useNotify();
  const replay = useReplay();
  const purge = usePurge();
  const [asking, setAsking] = useState(false);

  function onReplay() {
    replay.mutate(target(), {
      onSuccess: ({ readings, replayed, refused, more }) => {
        const left = refused === 0 ? '' : `; ${counted(refused, 'message')} refused again`;
        const rest = more ? '; there are more, replay again' : '';
        const text = `${counted(readings, 'reading')} of ${counted(replayed, 'message')} stored`;
        notify(refused === 0 ? 'success' : 'info', text + left + rest);
      },
      onError: (error) => {
        notify('error', errorMessage(error));
      },
    });
  }

  if (!edit) return null;
  return (
    <>
      <Tooltip title="After a profile was corrected or a device registered">
        <Button
          variant="outlined"
          color="secondary"
          startIcon={<RotateCcw size={15} />}
          loading={replay.isPending}
          onClick={onReplay}
          aria-label={`Replay ${subject}`}
        >
          Replay
        </Button>
      </Tooltip>
      {manageDevices && (
        <Button
          variant="outlined"
          color="error"
          startIcon={<Trash2 size={15} />}
          onClick={() => {
            setAsking(true);
          }}
          aria-label={`Remove ${subject}`}
        >
          Remove
        </Button>
      )}
      <ConfirmDialog
        open={asking}
        title={`Remove ${subject}?`}
        confirm="Remove"
        busy={purge.isPending}
        error={purge.error}
        onConfirm={() => {
          purge.mutate(target(), {
            onSuccess: ({ purged }) => {
              setAsking(false);
              notify('success', `${counted(purged, 'message')} removed`);
            },
          });
        }}
        onClose={() => {
          setAsking(false);
        }}
      >
        What was sent is gone then. Replay it first if its readings may still be wanted.
      </ConfirmDialog>
    </>
  );
}
