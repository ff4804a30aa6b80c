import { useColorScheme, useTheme, type Palette } from '@mui/material/styles';
import { useMemo } from 'react';

/** The palette's plain colours: a canvas knows no CSS variables. */
export interface ChartTheme {
  font: string;
  text: string;
  quiet: string;
  line: string;
  paper: string;
  series: (slot: number) => string;
  severity: Palette['severity'];
}

export function useChartTheme(): ChartTheme {
  const theme = useTheme();
  const { colorScheme } = useColorScheme();
  return useMemo(() => {
    const palette = theme.colorSchemes[colorScheme ?? 'light']?.palette ?? theme.palette;
    const series = Object.values(palette.series);
    return {
      font: theme.typography.fontFamily ?? 'sans-serif',
      text: palette.text.primary,
      quiet: palette.text.secondary,
      line: palette.line,
      paper: palette.background.paper,
      series: (slot) => series[slot % series.length] ?? palette.text.primary,
      severity: palette.severity,
    };
  }, [theme, colorScheme]);
}
