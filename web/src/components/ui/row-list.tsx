import { Box, ButtonBase, Collapse } from '@mui/material';
import { ChevronDown } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';

/** A list without bullets, whose items are parted by lines. */
export function RowList({ children }: { children: ReactNode }) {
  return (
    <Box
      component="ul"
      sx={{
        listStyle: 'none',
        m: 0,
        p: 0,
        '& > li:not(:first-of-type)': { borderTop: 1, borderColor: 'line' },
      }}
    >
      {children}
    </Box>
  );
}

interface GridRowProps {
  testId: string;
  /** The columns on a phone and beyond. */
  columns: { xs: string; md?: string };
  children: ReactNode;
}

/** An item of a RowList whose parts stand in columns. */
export function GridRow({ testId, columns, children }: GridRowProps) {
  return (
    <Box
      component="li"
      data-testid={testId}
      sx={{
        display: 'grid',
        alignItems: 'center',
        columnGap: 2,
        rowGap: 0.5,
        gridTemplateColumns: columns,
        px: { xs: 2, sm: 2.5 },
        py: 1.5,
      }}
    >
      {children}
    </Box>
  );
}

interface ExpandableRowProps {
  /** Always shown; a click on it opens and closes the rest. */
  summary: ReactNode;
  testId: string;
  children: ReactNode;
}

/** An item of a RowList with more to it than is shown at first. */
export function ExpandableRow({ summary, testId, children }: ExpandableRowProps) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <Box component="li" data-testid={testId}>
      <ButtonBase
        aria-expanded={open}
        aria-controls={id}
        onClick={() => {
          setOpen(!open);
        }}
        sx={{
          display: 'flex',
          width: '100%',
          gap: 2,
          px: { xs: 2, sm: 2.5 },
          py: 1.5,
          font: 'inherit',
          textAlign: 'left',
          outlineOffset: '-2px !important',
          '&:hover': { bgcolor: 'sunken' },
        }}
      >
        <Box component="span" sx={{ flex: 1, minWidth: 0 }}>
          {summary}
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
        <Box sx={{ px: { xs: 2, sm: 2.5 }, pt: 0.5, pb: 2 }}>{children}</Box>
      </Collapse>
    </Box>
  );
}
