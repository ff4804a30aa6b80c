import { Box, ButtonBase, Link, Skeleton, Typography } from '@mui/material';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { SearchFilter } from '@/components/ui/filters';
import { PageHeader } from '@/components/ui/page-header';
import { Panel } from '@/components/ui/panel';
import { ErrorState } from '@/components/ui/states';
import { useSearchState } from '@/lib/hooks/use-search-state';
import { MethodName } from './method-name';
import { operationsOf, type Document, type Operation } from './openapi';
import { OperationView } from './operation-view';

const documentQuery = queryOptions({
  queryKey: ['openapi'],
  queryFn: async ({ signal }) => {
    const response = await fetch('/api/openapi.json', { signal });
    if (!response.ok) throw new Error(`The description answers ${String(response.status)}.`);
    return (await response.json()) as Document;
  },
  staleTime: Infinity,
});

function matches({ path, summary, id }: Operation, search: string): boolean {
  const text = search.toLowerCase();
  return [path, summary, id].some((part) => part.toLowerCase().includes(text));
}

interface NavigationProps {
  operations: readonly Operation[];
  selected: string;
  onSelect: (id: string) => void;
}

function Navigation({ operations, selected, onSelect }: NavigationProps) {
  const tags = [...new Set(operations.map(({ tag }) => tag))];
  return (
    <Box component="nav" aria-label="Operations">
      {tags.map((tag) => (
        <Box key={tag} sx={{ pb: 1 }}>
          <Typography
            variant="caption"
            color="textSecondary"
            component="h3"
            sx={{ px: 2, py: 0.5 }}
          >
            {tag}
          </Typography>
          {operations
            .filter((operation) => operation.tag === tag)
            .map(({ id, method, path }) => (
              <ButtonBase
                key={id}
                aria-current={id === selected ? 'true' : undefined}
                onClick={() => {
                  onSelect(id);
                }}
                sx={{
                  display: 'grid',
                  gridTemplateColumns: '56px 1fr',
                  width: 1,
                  px: 2,
                  py: 0.5,
                  textAlign: 'left',
                  fontSize: '0.8125rem',
                  overflowWrap: 'anywhere',
                  bgcolor: id === selected ? 'sunken' : undefined,
                  '&:hover': { bgcolor: 'sunken' },
                }}
              >
                <MethodName method={method} />
                {path}
              </ButtonBase>
            ))}
        </Box>
      ))}
    </Box>
  );
}

/** The API's own description, to read and to try. */
export function ApiDocsPage() {
  const { get, update } = useSearchState();
  const query = useQuery(documentQuery);
  const operations = useMemo(() => (query.data ? operationsOf(query.data) : []), [query.data]);
  const search = get('search');
  const found = operations.filter((operation) => matches(operation, search));
  const chosen = operations.find(({ id }) => id === get('operation')) ?? found[0];
  return (
    <>
      <PageHeader
        title="API"
        subtitle={
          query.data && (
            <>
              Version {query.data.info.version} · {operations.length} operations ·{' '}
              <Link href="/api/openapi.json" target="_blank" rel="noreferrer">
                OpenAPI document
              </Link>
            </>
          )
        }
      />
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton variant="rounded" height={400} />}
      {query.data && (
        <Box
          sx={{
            display: 'grid',
            gap: 2,
            alignItems: 'start',
            gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: '320px minmax(0, 1fr)' },
          }}
        >
          <Panel
            flush
            sx={{
              position: { md: 'sticky' },
              top: 16,
              maxHeight: { xs: 320, md: 'calc(100vh - 32px)' },
              overflow: 'auto',
            }}
          >
            <Box sx={{ p: 2 }}>
              <SearchFilter label="Search operations" />
            </Box>
            <Navigation
              operations={found}
              selected={chosen?.id ?? ''}
              onSelect={(operation) => {
                update({ operation });
              }}
            />
          </Panel>
          {chosen && <OperationView document={query.data} operation={chosen} />}
        </Box>
      )}
    </>
  );
}
