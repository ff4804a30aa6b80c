import type { PaletteOptions } from '@mui/material/styles';

/** Pine on warm grey. Colour is kept for state and data; surfaces differ by hairlines, not by shadows. */
export const lightPalette: PaletteOptions = {
  primary: { main: '#0f5c4a', dark: '#0a4437', light: '#2f8a72', contrastText: '#ffffff' },
  secondary: { main: '#34403a', contrastText: '#ffffff' },
  success: { main: '#1b7a4b' },
  info: { main: '#456ca6' },
  warning: { main: '#946200' },
  error: { main: '#bd2c3b' },
  background: { default: '#f5f6f3', paper: '#ffffff' },
  text: { primary: '#16201b', secondary: '#57645d', disabled: '#8a948e' },
  divider: '#e3e6df',
  line: '#e0e4dc',
  sunken: '#eef0eb',
  severity: { low: '#456ca6', medium: '#946200', high: '#bb4f08', critical: '#bd2c3b' },
  series: {
    s0: '#c68200',
    s1: '#4a61c8',
    s2: '#0b8b9c',
    s3: '#d04c38',
    s4: '#8a52c0',
    s5: '#55862a',
    s6: '#bf4787',
    s7: '#5b7083',
  },
};

export const darkPalette: PaletteOptions = {
  primary: { main: '#4fcba0', dark: '#36a980', light: '#86dfc0', contrastText: '#05231a' },
  secondary: { main: '#c5d1ca', contrastText: '#0c110f' },
  success: { main: '#4fc98a' },
  info: { main: '#86abe2' },
  warning: { main: '#e3b24e' },
  error: { main: '#f4737e' },
  background: { default: '#0b100e', paper: '#121916' },
  text: { primary: '#e6ede9', secondary: '#95a59c', disabled: '#61706a' },
  divider: '#212c27',
  line: '#223029',
  sunken: '#1a2420',
  severity: { low: '#86abe2', medium: '#e3b24e', high: '#f29050', critical: '#f4737e' },
  series: {
    s0: '#efb547',
    s1: '#8d9ef6',
    s2: '#46c3d3',
    s3: '#f28b77',
    s4: '#bb8dea',
    s5: '#9dca6c',
    s6: '#ef8fc0',
    s7: '#a0b4c7',
  },
};
