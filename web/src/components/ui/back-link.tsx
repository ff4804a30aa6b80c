import { Link as TextLink } from '@mui/material';
import { ChevronLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

/** Above the title of a page: to the list that it is an item of. */
export function BackLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <TextLink
      component={Link}
      to={to}
      underline="hover"
      color="textSecondary"
      sx={{
        display: 'inline-flex',
        alignItems: 'center',
        gap: 0.5,
        fontSize: '0.8125rem',
        mb: 0.5,
      }}
    >
      <ChevronLeft size={15} aria-hidden />
      {children}
    </TextLink>
  );
}
