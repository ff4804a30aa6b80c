import { Box, Typography } from '@mui/material';
import { QuantityText } from '@/components/ui/quantity';
import { isNominal, type FieldInfo } from '@/lib/fields';
import { formatLimits } from '@/lib/units';

interface FieldTileProps {
  field: FieldInfo;
  value: number | null;
}

/** The nominal range; without one, what the profile accepts at all. */
function rangeText(field: FieldInfo, nominal: boolean): string {
  const limits = formatLimits(field.nominalMin, field.nominalMax, field.unit);
  if (limits !== null) return `${nominal ? 'Nominal' : 'Outside nominal'} ${limits}`;
  const accepted = formatLimits(field.min, field.max, field.unit);
  return accepted === null ? '\u00a0' : `Range ${accepted}`;
}

interface Band {
  from: number;
  to: number;
  /** Percent of the track. */
  left: number;
  width: number;
}

/** Where the range is on the track. A nominal one without a lower limit begins at zero; an accepted one fills it. */
function bandOf({ nominalMin, nominalMax, min, max }: FieldInfo): Band | null {
  if (nominalMin !== null && nominalMax !== null) {
    return { from: nominalMin, to: nominalMax, left: 20, width: 60 };
  }
  if (nominalMax !== null && nominalMax > 0) {
    return { from: 0, to: nominalMax, left: 0, width: 80 };
  }
  return min !== null && max !== null ? { from: min, to: max, left: 0, width: 100 } : null;
}

/** How the value stands to its nominal range. */
function NominalBar({ field, value }: FieldTileProps) {
  const band = bandOf(field);
  if (!band || value === null) return null;
  const share = (value - band.from) / Math.max(band.to - band.from, 1e-9);
  const left = Math.min(Math.max(band.left + share * band.width, 1), 99);
  const nominal = isNominal(value, field);
  return (
    <Box
      aria-hidden
      sx={{ position: 'relative', height: 4, borderRadius: 2, bgcolor: 'sunken', mt: 1.25 }}
    >
      <Box
        sx={{
          position: 'absolute',
          insetBlock: 0,
          left: `${band.left}%`,
          width: `${band.width}%`,
          borderRadius: 2,
          bgcolor: `series.s${field.slot}`,
          opacity: 0.32,
        }}
      />
      <Box
        sx={{
          position: 'absolute',
          top: -3,
          left: `calc(${left}% - 5px)`,
          width: 10,
          height: 10,
          borderRadius: '50%',
          border: 2,
          borderColor: 'background.paper',
          bgcolor: nominal ? `series.s${field.slot}` : 'warning.main',
          transition: 'left 300ms',
        }}
      />
    </Box>
  );
}

/** The newest value of one field and how it stands to its nominal range. */
export function FieldTile({ field, value }: FieldTileProps) {
  const nominal = isNominal(value, field);
  return (
    <Box
      sx={{
        minWidth: 0,
        p: { xs: 1.75, sm: 2 },
        bgcolor: 'background.paper',
        border: 1,
        borderColor: nominal ? 'line' : 'warning.main',
        borderRadius: 1.25,
      }}
    >
      <Typography
        variant="caption"
        color="textSecondary"
        component="p"
        noWrap
        sx={{ display: 'flex', alignItems: 'center', gap: 0.75, mb: 0.5 }}
      >
        <Box
          component="span"
          sx={{ width: 8, height: 8, borderRadius: 0.25, bgcolor: `series.s${field.slot}` }}
        />
        {field.label}
      </Typography>
      <QuantityText
        value={value}
        unit={field.unit}
        size={1.625}
        color={nominal ? undefined : 'warning.main'}
      />
      <NominalBar field={field} value={value} />
      <Typography
        variant="caption"
        color={nominal ? 'textSecondary' : 'warning'}
        component="p"
        sx={{ mt: 1 }}
      >
        {rangeText(field, nominal)}
      </Typography>
    </Box>
  );
}
