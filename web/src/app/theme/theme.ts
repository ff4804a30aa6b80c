import { createTheme } from '@mui/material/styles';
import { componentOverrides } from './components';
import { darkPalette, lightPalette } from './palette';

const kFont = "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif";

export const theme = createTheme({
  // Must agree with public/theme-init.js, which sets the attribute before the first paint.
  cssVariables: { colorSchemeSelector: 'data-theme', cssVarPrefix: 'ep' },
  colorSchemes: { light: { palette: lightPalette }, dark: { palette: darkPalette } },
  shape: { borderRadius: 10 },
  spacing: 8,
  breakpoints: { values: { xs: 0, sm: 640, md: 920, lg: 1240, xl: 1680 } },
  typography: {
    fontFamily: kFont,
    fontWeightMedium: 550,
    fontWeightBold: 650,
    h1: { fontSize: '1.5rem', fontWeight: 650, letterSpacing: '-0.021em', lineHeight: 1.25 },
    h2: { fontSize: '0.9375rem', fontWeight: 620, letterSpacing: '-0.011em', lineHeight: 1.4 },
    h3: { fontSize: '0.875rem', fontWeight: 600, letterSpacing: '-0.006em', lineHeight: 1.4 },
    body1: { fontSize: '0.9375rem', lineHeight: 1.5 },
    body2: { fontSize: '0.8438rem', lineHeight: 1.5 },
    caption: { fontSize: '0.76rem', lineHeight: 1.4 },
    overline: {
      fontSize: '0.72rem',
      fontWeight: 560,
      letterSpacing: '0.01em',
      lineHeight: 1.4,
      textTransform: 'none',
    },
    button: { fontSize: '0.8438rem', fontWeight: 580, textTransform: 'none', letterSpacing: 0 },
  },
  components: componentOverrides,
});
