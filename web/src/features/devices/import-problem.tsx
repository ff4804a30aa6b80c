import { Alert, Box, Button } from '@mui/material';
import { errorMessage } from '@/lib/api/error';
import { fieldErrors } from '@/lib/forms';

/** How many of the mistakes are named. */
const kMost = 10;

interface ImportProblemProps {
  error: unknown;
  onRetry?: () => void;
}

/** Why a file as a whole was refused, and where. */
export function ImportProblem({ error, onRetry }: ImportProblemProps) {
  const places = Object.entries(fieldErrors(error));
  return (
    <Alert
      severity="error"
      action={
        onRetry &&
        places.length === 0 && (
          <Button color="inherit" size="small" onClick={onRetry}>
            Try again
          </Button>
        )
      }
    >
      {errorMessage(error)}
      {places.length > 0 && (
        <Box component="ul" sx={{ m: 0, mt: 0.5, pl: 2.25 }}>
          {places.slice(0, kMost).map(([place, message]) => (
            <li key={place}>
              <b>{place}</b> {message}
            </li>
          ))}
        </Box>
      )}
    </Alert>
  );
}
