import { Alert as Message, Box, Button, TextField } from '@mui/material';
import { ArchiveRestore, Check, CheckCheck, MessageSquare, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { Panel } from '@/components/ui/panel';
import { SelectField } from '@/components/ui/select-field';
import {
  useAlertAction,
  useAssignees,
  type AlertActionName,
  type AlertRequest,
} from '@/lib/api/alerts';
import { errorMessage } from '@/lib/api/error';
import type { Alert } from '@/lib/api/types';
import { useNotify, useUser } from '@/lib/store/hooks';
import { describeOutcome, possibleActions } from './alert-actions';
import { ShelveButton } from './shelve-button';

const kNobody = 'nobody';

interface AssigneeFieldProps {
  alert: Alert;
  disabled: boolean;
  onAssign: (assignee: string | null) => void;
}

function AssigneeField({ alert, disabled, onAssign }: AssigneeFieldProps) {
  const assignees = useAssignees();
  const me = useUser()?.id;
  const options = assignees.map(({ id, full_name }) => ({
    value: id,
    label: id === me ? `${full_name} (me)` : full_name,
  }));
  const current = alert.assigned_to ?? kNobody;
  if (current !== kNobody && !options.some(({ value }) => value === current)) {
    options.push({ value: current, label: 'Somebody who is no longer active' });
  }
  return (
    <SelectField
      label="Assigned to"
      value={current}
      disabled={disabled}
      options={[{ value: kNobody, label: 'Nobody' }, ...options]}
      onChange={(value) => {
        onAssign(value === kNobody ? null : value);
      }}
    />
  );
}

const kButtons: readonly { action: AlertActionName; label: string; icon: typeof Check }[] = [
  { action: 'acknowledge', label: 'Acknowledge', icon: Check },
  { action: 'resolve', label: 'Resolve', icon: CheckCheck },
  { action: 'reopen', label: 'Reopen', icon: RotateCcw },
  { action: 'unshelve', label: 'Unshelve', icon: ArchiveRestore },
];

/** What can be done about an alert, each with a comment if there is something to say. */
export function AlertWork({ alert }: { alert: Alert }) {
  const [comment, setComment] = useState('');
  const action = useAlertAction();
  const notify = useNotify();
  const possible = possibleActions(alert);
  const busy = action.isPending;
  const run = (request: AlertRequest) => {
    action.mutate(
      { id: alert.id, ...request, comment: comment.trim() },
      {
        onSuccess: () => {
          setComment('');
          notify('success', describeOutcome(request.action, 1, 0).replace('1 alert', 'The alert'));
        },
      },
    );
  };
  const shown = kButtons.filter(({ action: name }) => possible.has(name));
  return (
    <Panel title="Handle it">
      <Box sx={{ display: 'grid', gap: 1.5 }}>
        {action.error && (
          <Message severity="error" data-testid="alert-action-error">
            {errorMessage(action.error)}
          </Message>
        )}
        <TextField
          label="Comment (optional)"
          multiline
          minRows={2}
          maxRows={6}
          value={comment}
          onChange={(event) => {
            setComment(event.target.value);
          }}
          slotProps={{ htmlInput: { maxLength: 2000 } }}
        />
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1 }}>
          {shown.map(({ action: name, label, icon: Icon }, index) => (
            <Button
              key={name}
              variant={index === 0 ? 'contained' : 'outlined'}
              color={index === 0 ? 'primary' : 'secondary'}
              startIcon={<Icon size={15} />}
              disabled={busy}
              onClick={() => {
                run({ action: name });
              }}
            >
              {label}
            </Button>
          ))}
          {possible.has('shelve') && (
            <ShelveButton
              disabled={busy}
              onShelve={(minutes) => {
                run({ action: 'shelve', minutes });
              }}
            />
          )}
          <Button
            variant="outlined"
            color="secondary"
            startIcon={<MessageSquare size={15} />}
            disabled={busy || comment.trim() === ''}
            onClick={() => {
              run({ action: 'comment' });
            }}
          >
            Comment
          </Button>
        </Box>
        {possible.has('assign') && (
          <AssigneeField
            alert={alert}
            disabled={busy}
            onAssign={(assignee) => {
              run({ action: 'assign', assignee });
            }}
          />
        )}
      </Box>
    </Panel>
  );
}
