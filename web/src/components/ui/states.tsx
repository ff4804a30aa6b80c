import { Box, Button, Typography } from '@mui/material';
import { RotateCw, TriangleAlert, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { errorMessage } from '@/lib/api/error';

export interface MessageProps {
  icon: LucideIcon;
  title: string;
  text: ReactNode;
  action?: ReactNode;
  tone?: 'quiet' | 'good' | 'bad';
  compact?: boolean;
}

const kTone = { quiet: 'text.secondary', good: 'success.main', bad: 'error.main' } as const;

/** What stands where content would: nothing there yet, nothing found, or a failure. */
export function StateMessage({
  icon: Icon,
  title,
  text,
  action,
  tone = 'quiet',
  compact = false,
}: MessageProps) {
  return (
    <Box sx={{ textAlign: 'center', px: 3, py: compact ? 3.5 : 7, mx: 'auto', maxWidth: 440 }}>
      <Box
        sx={{
          display: 'inline-grid',
          placeItems: 'center',
          width: 44,
          height: 44,
          mb: 1.5,
          borderRadius: '50%',
          bgcolor: 'sunken',
          color: kTone[tone],
        }}
      >
        <Icon size={20} strokeWidth={1.75} aria-hidden />
      </Box>
      <Typography variant="h2" component="p">
        {title}
      </Typography>
      <Typography variant="body2" color="textSecondary" sx={{ mt: 0.5 }}>
        {text}
      </Typography>
      {action !== undefined && <Box sx={{ mt: 2 }}>{action}</Box>}
    </Box>
  );
}

interface ErrorStateProps {
  error: unknown;
  onRetry: () => void;
  title?: string;
  compact?: boolean;
}

export function ErrorState({ error, onRetry, title, compact }: ErrorStateProps) {
  return (
    <Box role="alert">
      <StateMessage
        icon={TriangleAlert}
        tone="bad"
        compact={compact}
        title={title ?? 'This could not be loaded'}
        text={errorMessage(error)}
        action={
          <Button
            variant="outlined"
            color="secondary"
            startIcon={<RotateCw size={15} />}
            onClick={onRetry}
          >
            Try again
          </Button>
        }
      />
    </Box>
  );
}
