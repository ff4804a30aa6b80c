import { Box, ButtonBase, Collapse, Typography } from '@mui/material';
import { ChevronDown } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';

interface FoldProps {
  title: string;
  /** What is set in it, while it is closed. */
  summary: string;
  /** Something in it is wrong: it opens. */
  wrong: boolean;
  children: ReactNode;
}

/** A part of a form that most rules need not open. */
export function Fold({ title, summary, wrong, children }: FoldProps) {
  const [opened, setOpened] = useState(false);
  // It stays so while what is wrong is being mended.
  if (wrong && !opened) setOpened(true);
  const open = opened || wrong;
  const id = useId();
  return (
    <Box sx={{ '&:not(:first-of-type)': { borderTop: 1, borderColor: 'line' } }}>
      <ButtonBase
        aria-expanded={open}
        aria-controls={id}
        onClick={() => {
          setOpened(!open);
        }}
        sx={{
          display: 'flex',
          width: '100%',
          gap: 2,
          px: { xs: 2, sm: 2.5 },
          py: 1.25,
          font: 'inherit',
          textAlign: 'left',
          outlineOffset: '-2px !important',
          '&:hover': { bgcolor: 'sunken' },
        }}
      >
        <Box
          component="span"
          sx={{
            flex: 1,
            minWidth: 0,
            display: 'grid',
            gridTemplateColumns: { sm: '140px minmax(0, 1fr)' },
            columnGap: 2,
            alignItems: 'baseline',
          }}
        >
          <Typography component="span" variant="h3">
            {title}
          </Typography>
          <Typography component="span" variant="body2" color="textSecondary">
            {open ? '' : summary}
          </Typography>
        </Box>
        <Box
          component="span"
          aria-hidden
          sx={{
            display: 'flex',
            color: 'text.secondary',
            transition: 'rotate 160ms',
            rotate: open ? '180deg' : 'none',
          }}
        >
          <ChevronDown size={16} />
        </Box>
      </ButtonBase>
      <Collapse in={open} id={id} unmountOnExit>
        <Box sx={{ px: { xs: 2, sm: 2.5 }, pt: 1, pb: 2.5 }}>{children}</Box>
      </Collapse>
    </Box>
  );
}
