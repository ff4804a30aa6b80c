import type { Components, CssVarsTheme, Theme } from '@mui/material/styles';
import { ChevronDown } from 'lucide-react';
import { createElement } from 'react';

type ProductTheme = Omit<Theme, 'components'> & CssVarsTheme;

/** In place of the filled triangle of a select. */
function Chevron({ className }: { className?: string }) {
  return createElement(ChevronDown, { className, size: 16 });
}

const baseline: Components<ProductTheme>['MuiCssBaseline'] = {
  styleOverrides: (theme) => ({
    body: { textRendering: 'optimizeLegibility' },
    // Not everywhere: in running text they push hyphens and points apart.
    'time, .numeric': { fontVariantNumeric: 'tabular-nums' },
    '::selection': {
      background: `color-mix(in srgb, ${theme.vars.palette.primary.main} 28%, transparent)`,
    },
    ':focus-visible': {
      outline: `2px solid ${theme.vars.palette.primary.main}`,
      outlineOffset: 2,
    },
    '@media (prefers-reduced-motion: reduce)': {
      '*, *::before, *::after': {
        animationDuration: '0.01ms !important',
        animationIterationCount: '1 !important',
        transitionDuration: '0.01ms !important',
      },
    },
  }),
};

const surfaces: Components<ProductTheme> = {
  MuiPaper: {
    styleOverrides: { root: { backgroundImage: 'none' } },
  },
  MuiDialog: {
    styleOverrides: {
      paper: ({ theme }) => ({
        borderRadius: 14,
        border: `1px solid ${theme.vars.palette.line}`,
        boxShadow: '0 24px 64px rgb(0 0 0 / 0.28)',
        [theme.breakpoints.down('sm')]: {
          margin: 12,
          width: 'calc(100% - 24px)',
          maxHeight: 'calc(100% - 24px)',
        },
      }),
    },
  },
  MuiDialogTitle: {
    styleOverrides: { root: { fontSize: '1.0625rem', fontWeight: 640, padding: '20px 24px 8px' } },
  },
  MuiDialogActions: { styleOverrides: { root: { padding: '12px 24px 20px' } } },
  MuiMenu: {
    styleOverrides: {
      paper: ({ theme }) => ({
        border: `1px solid ${theme.vars.palette.line}`,
        boxShadow: '0 12px 32px rgb(0 0 0 / 0.16)',
        marginTop: 4,
      }),
    },
  },
  MuiMenuItem: { styleOverrides: { root: { fontSize: '0.8438rem', minHeight: 36 } } },
  MuiBackdrop: {
    styleOverrides: {
      root: { '&:not(.MuiBackdrop-invisible)': { backgroundColor: 'rgb(8 14 11 / 0.5)' } },
    },
  },
  MuiTooltip: {
    defaultProps: { arrow: false, enterDelay: 350 },
    styleOverrides: {
      tooltip: ({ theme }) => ({
        fontSize: '0.76rem',
        fontWeight: 500,
        padding: '6px 9px',
        borderRadius: 7,
        color: theme.vars.palette.background.paper,
        backgroundColor: theme.vars.palette.text.primary,
      }),
    },
  },
};

const controls: Components<ProductTheme> = {
  MuiButtonBase: { defaultProps: { disableRipple: true } },
  MuiButton: {
    defaultProps: { disableElevation: true },
    styleOverrides: {
      root: { borderRadius: 8, minHeight: 36, paddingInline: 14 },
      sizeSmall: { minHeight: 30, paddingInline: 10, fontSize: '0.7813rem' },
      outlined: ({ theme }) => ({
        borderColor: theme.vars.palette.line,
        backgroundColor: theme.vars.palette.background.paper,
        '&:hover': { backgroundColor: theme.vars.palette.sunken },
        variants: [
          { props: { color: 'secondary' }, style: { color: theme.vars.palette.text.primary } },
        ],
      }),
    },
  },
  MuiIconButton: {
    styleOverrides: {
      root: ({ theme }) => ({
        borderRadius: 8,
        color: theme.vars.palette.text.secondary,
        '&:hover': { color: theme.vars.palette.text.primary },
      }),
    },
  },
  MuiSelect: {
    defaultProps: { IconComponent: Chevron },
    styleOverrides: { icon: { top: 'calc(50% - 8px)', right: 10 } },
  },
  MuiAutocomplete: {
    defaultProps: { popupIcon: createElement(ChevronDown, { size: 16 }) },
    styleOverrides: { option: { fontSize: '0.8438rem' } },
  },
  MuiSwitch: {
    styleOverrides: {
      root: { width: 36, height: 20, padding: 0 },
      switchBase: ({ theme }) => ({
        padding: 3,
        '&.Mui-checked': {
          transform: 'translateX(16px)',
          color: theme.vars.palette.background.paper,
          '& + .MuiSwitch-track': { opacity: 1, backgroundColor: theme.vars.palette.primary.main },
        },
        color: theme.vars.palette.background.paper,
      }),
      thumb: { width: 14, height: 14, boxShadow: '0 1px 2px rgb(0 0 0 / 0.3)' },
      track: ({ theme }) => ({
        borderRadius: 10,
        opacity: 1,
        backgroundColor: theme.vars.palette.text.disabled,
      }),
    },
  },
  MuiOutlinedInput: {
    styleOverrides: {
      root: ({ theme }) => ({
        borderRadius: 8,
        backgroundColor: theme.vars.palette.background.paper,
        fontSize: '0.875rem',
        '& .MuiOutlinedInput-notchedOutline': { borderColor: theme.vars.palette.line },
      }),
    },
  },
  MuiTextField: { defaultProps: { size: 'small' } },
  MuiInputLabel: { styleOverrides: { root: { fontSize: '0.875rem' } } },
  MuiTabs: {
    styleOverrides: {
      root: { minHeight: 40 },
      indicator: { height: 2, borderRadius: 2 },
    },
  },
  MuiTab: {
    styleOverrides: {
      root: { minHeight: 40, padding: '8px 12px', minWidth: 0, fontSize: '0.8438rem' },
    },
  },
  MuiToggleButtonGroup: {
    styleOverrides: {
      root: ({ theme }) => ({
        backgroundColor: theme.vars.palette.sunken,
        borderRadius: 9,
        padding: 2,
        gap: 2,
      }),
    },
  },
  MuiToggleButton: {
    styleOverrides: {
      root: ({ theme }) => ({
        border: 0,
        borderRadius: '7px !important',
        margin: '0 !important',
        padding: '4px 10px',
        minHeight: 30,
        whiteSpace: 'nowrap',
        color: theme.vars.palette.text.secondary,
        '&.Mui-selected, &.Mui-selected:hover': {
          color: theme.vars.palette.text.primary,
          backgroundColor: theme.vars.palette.background.paper,
          boxShadow: '0 1px 2px rgb(0 0 0 / 0.14)',
        },
      }),
    },
  },
};

const data: Components<ProductTheme> = {
  MuiTableCell: {
    styleOverrides: {
      root: ({ theme }) => ({
        borderColor: theme.vars.palette.line,
        padding: '11px 16px',
        fontSize: '0.8438rem',
      }),
      head: ({ theme }) => ({
        color: theme.vars.palette.text.secondary,
        fontSize: '0.75rem',
        fontWeight: 560,
        paddingBlock: 9,
        whiteSpace: 'nowrap',
      }),
    },
  },
  MuiSkeleton: {
    defaultProps: { animation: 'wave' },
    styleOverrides: {
      root: ({ theme }) => ({ backgroundColor: theme.vars.palette.sunken, borderRadius: 6 }),
    },
  },
  MuiAlert: {
    styleOverrides: {
      root: { borderRadius: 10, alignItems: 'center' },
      // The grey of other icon buttons would vanish on a filled alert.
      action: { '& .MuiIconButton-root, & .MuiIconButton-root:hover': { color: 'inherit' } },
    },
  },
};

export const componentOverrides: Components<ProductTheme> = {
  MuiCssBaseline: baseline,
  ...surfaces,
  ...controls,
  ...data,
};
