import { Box, Drawer, IconButton, Typography } from '@mui/material';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';

interface SideDrawerProps {
  open: boolean;
  /** What it is, for those who do not see it. */
  label: string;
  title: string;
  /** Below the title. */
  badges?: ReactNode;
  actions?: ReactNode;
  width?: number;
  onClose: () => void;
  children: ReactNode;
}

/** The details of one item of a list, beside it. */
export function SideDrawer(props: SideDrawerProps) {
  return (
    <Drawer
      anchor="right"
      open={props.open}
      onClose={props.onClose}
      slotProps={{
        paper: {
          role: 'dialog',
          'aria-label': props.label,
          sx: {
            width: `min(${props.width ?? 560}px, 100vw)`,
            borderLeft: 1,
            borderColor: 'line',
          },
        },
      }}
    >
      <Box sx={{ display: 'flex', alignItems: 'flex-start', gap: 1, px: 2.5, pt: 2, pb: 1.5 }}>
        <Box sx={{ flex: 1, minWidth: 0, pt: 0.75 }}>
          <Typography variant="h2" sx={{ overflowWrap: 'anywhere' }}>
            {props.title}
          </Typography>
          {props.badges !== undefined && (
            <Box sx={{ display: 'flex', gap: 1.5, mt: 0.75 }}>{props.badges}</Box>
          )}
        </Box>
        {props.actions}
        <IconButton aria-label="Close" onClick={props.onClose}>
          <X size={18} />
        </IconButton>
      </Box>
      {props.children}
    </Drawer>
  );
}
