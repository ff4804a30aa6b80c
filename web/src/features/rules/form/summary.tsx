import { Box, Typography } from '@mui/material';
import { thenWords, whenPieces, type SpokenRule, type UnitOf } from '@/lib/rule-sentence';
import { isBlank } from '../draft/spoken';
import { Sentence } from '../sentence';

/** The rule in plain language, as it is typed. */
export function Summary({ spoken, unitOf }: { spoken: SpokenRule; unitOf: UnitOf }) {
  return (
    <Box
      aria-live="polite"
      data-testid="rule-summary"
      sx={{
        p: { xs: 2, sm: 2.5 },
        borderRadius: '0 12px 12px 0',
        bgcolor: 'sunken',
        borderLeft: 3,
        borderColor: `severity.${spoken.severity}`,
      }}
    >
      <Typography color="textSecondary" sx={{ fontSize: '0.9375rem', overflowWrap: 'anywhere' }}>
        {isBlank(spoken) ? (
          'Choose a device, a field and a threshold; what the rule does then reads here.'
        ) : (
          <>
            <Sentence pieces={whenPieces(spoken, unitOf)} />
            {thenWords(spoken, unitOf)}
          </>
        )}
      </Typography>
    </Box>
  );
}
