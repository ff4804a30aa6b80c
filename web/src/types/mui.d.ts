import type {} from '@mui/material/themeCssVarsAugmentation';
import type { Severity } from '@/lib/api/types';

interface ProductPalette {
  /** Hairlines between and around surfaces. */
  line: string;
  /** Ground for controls and tracks, a step below `background.paper`. */
  sunken: string;
  severity: Record<Severity, string>;
  /** One colour a measured field; see `FieldInfo.slot`. */
  series: Record<'s0' | 's1' | 's2' | 's3' | 's4' | 's5' | 's6' | 's7', string>;
}

declare module '@mui/material/styles' {
  interface Palette extends ProductPalette {
    readonly productPalette?: never;
  }
  interface PaletteOptions extends ProductPalette {
    readonly productPalette?: never;
  }
}
