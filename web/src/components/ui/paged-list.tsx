import { Box, Button, Skeleton } from '@mui/material';
import { SearchX } from 'lucide-react';
import type { ReactNode } from 'react';
import { useSearchState } from '@/lib/hooks/use-search-state';
import { Pager } from './pager';
import { ErrorState, StateMessage, type MessageProps } from './states';

interface PagedListProps<T> {
  query: {
    isError: boolean;
    error: unknown;
    refetch: () => unknown;
    data?: { total: number } | undefined;
  };
  /** Of the page that is shown; undefined until it is loaded. */
  items: readonly T[] | undefined;
  pageSize: number;
  /** What an item is called. */
  noun: string;
  /** The parameters of the URL that leave items out. */
  filters?: readonly string[];
  /** Stands for the list while nothing was left out and there is nothing. */
  empty: MessageProps;
  /** Stands for the list until it is loaded. */
  loading?: ReactNode;
  children: (items: readonly T[]) => ReactNode;
}

function LoadingRows() {
  return (
    <Box sx={{ p: 2.5, display: 'grid', gap: 2 }}>
      {[0, 1, 2, 3].map((key) => (
        <Skeleton key={key} variant="rounded" height={44} />
      ))}
    </Box>
  );
}

/** A list by page, whose page and filters live in the URL: with what stands there while it loads, fails or is empty. */
export function PagedList<T>({
  query,
  items,
  pageSize,
  noun,
  filters = [],
  empty,
  loading = <LoadingRows />,
  children,
}: PagedListProps<T>) {
  const { get, page, update } = useSearchState();
  const what = filters.includes('search')
    ? filters.length > 1
      ? 'this search and these filters'
      : 'this search'
    : 'these filters';

  function content() {
    if (query.isError && !items) {
      return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
    }
    if (!items) return loading;
    if (items.length > 0) return children(items);
    if (page === 1 && filters.every((name) => get(name) === '')) return <StateMessage {...empty} />;
    return (
      <StateMessage
        icon={SearchX}
        title={`No ${noun} matches`}
        text={`Nothing fits ${what}.`}
        action={
          <Button
            variant="outlined"
            color="secondary"
            onClick={() => {
              update(Object.fromEntries(filters.map((name) => [name, ''])));
            }}
          >
            {what === 'this search' ? 'Clear the search' : 'Clear the filters'}
          </Button>
        }
      />
    );
  }

  return (
    <>
      {content()}
      {query.data && (
        <Pager
          page={page}
          pageSize={pageSize}
          total={query.data.total}
          onPage={(next) => {
            update({ page: String(next) });
          }}
        />
      )}
    </>
  );
}
