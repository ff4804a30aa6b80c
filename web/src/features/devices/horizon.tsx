import { Typography } from '@mui/material';
import { describeHorizon } from './chart-settings';

interface HorizonProps {
  /** `complete_from` of the answer that is shown. */
  completeFrom: string | undefined;
  testId: string;
}

/** From when on what is shown is complete; nothing where all of it is. */
export function Horizon({ completeFrom, testId }: HorizonProps) {
  const text = describeHorizon(completeFrom);
  if (text === null) return null;
  return (
    <Typography
      variant="caption"
      component="p"
      data-testid={testId}
      sx={{ px: 2, py: 0.75, color: 'text.secondary' }}
    >
      {text}
    </Typography>
  );
}
