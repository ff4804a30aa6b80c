import { Box } from '@mui/material';
import { formatQuantity } from '@/lib/units';

interface QuantityTextProps {
  value: number | null | undefined;
  unit?: string;
  /** Font size of the number, in rem. */
  size?: number;
  color?: string;
}

/** A number with its unit beside it, smaller and quieter. */
export function QuantityText({ value, unit = '', size = 1.375, color }: QuantityTextProps) {
  const quantity = formatQuantity(value, unit);
  return (
    <Box
      component="span"
      className="numeric"
      sx={{
        display: 'inline-flex',
        alignItems: 'baseline',
        gap: '0.2em',
        fontSize: `${size}rem`,
        fontWeight: 620,
        letterSpacing: '-0.02em',
        lineHeight: 1.15,
        whiteSpace: 'nowrap',
        color: color ?? 'text.primary',
      }}
    >
      {quantity.text}
      {quantity.unit !== '' && (
        <Box
          component="span"
          sx={{
            fontSize: `max(0.58em, 0.74rem)`,
            fontWeight: 520,
            letterSpacing: 0,
            color: color ?? 'text.secondary',
          }}
        >
          {quantity.unit}
        </Box>
      )}
    </Box>
  );
}
