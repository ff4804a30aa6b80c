import { Box, ButtonBase } from '@mui/material';
import { capitalize } from '@/components/ui/chips';
import type { AlertSummary, Severity } from '@/lib/api/types';

export const kSeverities = ['critical', 'high', 'medium', 'low'] as const;

interface SeverityCountsProps {
  counts: AlertSummary['by_severity'] | undefined;
  chosen: Severity | undefined;
  onChoose: (severity: Severity | undefined) => void;
}

/** How many alerts of each severity are active; a click narrows the list down to one. */
export function SeverityCounts({ counts, chosen, onChoose }: SeverityCountsProps) {
  return (
    <Box
      role="group"
      aria-label="Active alerts by severity"
      sx={{
        display: 'grid',
        gap: { xs: 1, sm: 1.5 },
        mb: 2,
        gridTemplateColumns: 'repeat(4, minmax(0, 1fr))',
      }}
    >
      {kSeverities.map((severity) => {
        const count = counts?.[severity];
        const active = chosen === severity;
        return (
          <ButtonBase
            key={severity}
            data-testid={`severity-${severity}`}
            aria-pressed={active}
            aria-label={`${capitalize(severity)}: ${count ?? 'unknown'} active`}
            onClick={() => {
              onChoose(active ? undefined : severity);
            }}
            sx={{
              display: 'flex',
              flexDirection: { xs: 'column', sm: 'row' },
              alignItems: { xs: 'flex-start', sm: 'baseline' },
              justifyContent: 'flex-start',
              columnGap: 1,
              px: { xs: 1.25, sm: 2 },
              py: 1.25,
              textAlign: 'left',
              bgcolor: 'background.paper',
              border: 1,
              borderColor: active ? `severity.${severity}` : 'line',
              borderRadius: 1.25,
              boxShadow: (theme) => `inset 3px 0 0 ${theme.vars?.palette.severity[severity]}`,
              '&:hover': { borderColor: `severity.${severity}` },
            }}
          >
            <Box
              component="span"
              className="numeric"
              sx={{
                fontSize: '1.375rem',
                fontWeight: 640,
                lineHeight: 1.2,
                color: count ? 'text.primary' : 'text.disabled',
              }}
            >
              {count ?? '–'}
            </Box>
            <Box component="span" sx={{ fontSize: '0.8125rem', color: 'text.secondary' }}>
              {capitalize(severity)}
            </Box>
          </ButtonBase>
        );
      })}
    </Box>
  );
}
