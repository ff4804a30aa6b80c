import { Alert, Box, Button } from '@mui/material';
import { ApiError, errorMessage } from '@/lib/api/error';
import { errorPosition } from './error-position';

interface SqlErrorProps {
  error: unknown;
  sql: string;
  /** Puts the cursor of the editor there. */
  onGoTo: (offset: number) => void;
}

/** What is wrong with a statement, and where. */
export function SqlError({ error, sql, onGoTo }: SqlErrorProps) {
  const detail = error instanceof ApiError ? error.details.sql : undefined;
  const message = errorMessage(error);
  const position = errorPosition(detail ?? message, sql);
  return (
    <Box role="alert" data-testid="sql-error" sx={{ p: 2 }}>
      <Alert
        severity="error"
        variant="outlined"
        sx={{ alignItems: 'flex-start', '& .MuiAlert-message': { minWidth: 0, flex: 1 } }}
      >
        <Box sx={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{message}</Box>
        {position && (
          <>
            <Box
              component="pre"
              sx={{
                m: 0,
                mt: 1,
                p: 1.25,
                overflowX: 'auto',
                borderRadius: 1,
                bgcolor: 'sunken',
                color: 'text.primary',
                fontFamily: 'ui-monospace, monospace',
                fontSize: '0.7813rem',
              }}
            >
              {`${position.text}\n${' '.repeat(Math.min(position.column - 1, position.text.length))}^`}
            </Box>
            <Button
              size="small"
              color="secondary"
              sx={{ mt: 0.5, ml: -1 }}
              onClick={() => {
                onGoTo(position.offset);
              }}
            >
              Go to line {position.line}, column {position.column}
            </Button>
          </>
        )}
      </Alert>
    </Box>
  );
}
