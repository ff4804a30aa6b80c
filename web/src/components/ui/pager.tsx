import { Box, IconButton, Typography } from '@mui/material';
import { ChevronLeft, ChevronRight } from 'lucide-react';

interface PagerProps {
  page: number;
  pageSize: number;
  total: number;
  onPage: (page: number) => void;
}

export function Pager({ page, pageSize, total, onPage }: PagerProps) {
  const pages = Math.max(1, Math.ceil(total / pageSize));
  if (total === 0 || (pages === 1 && page === 1)) return null;
  const first = (page - 1) * pageSize + 1;
  const last = Math.min(page * pageSize, total);
  return (
    <Box
      component="nav"
      aria-label="Pages"
      sx={{ display: 'flex', alignItems: 'center', justifyContent: 'flex-end', gap: 0.5, p: 1 }}
    >
      <Typography variant="caption" color="textSecondary" sx={{ mr: 1 }}>
        {first <= last ? `${first}–${last} of ${total}` : `Page ${page} of ${pages}`}
      </Typography>
      <IconButton
        size="small"
        aria-label="Previous page"
        disabled={page <= 1}
        onClick={() => {
          onPage(Math.min(page - 1, pages));
        }}
      >
        <ChevronLeft size={18} />
      </IconButton>
      <IconButton
        size="small"
        aria-label="Next page"
        disabled={page >= pages}
        onClick={() => {
          onPage(page + 1);
        }}
      >
        <ChevronRight size={18} />
      </IconButton>
    </Box>
  );
}
