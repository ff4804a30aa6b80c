import { Box, IconButton, Tooltip, Typography } from '@mui/material';
import { KeyRound, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { PagedList } from '@/components/ui/paged-list';
import { RelativeTime } from '@/components/ui/relative-time';
import { GridRow, RowList } from '@/components/ui/row-list';
import { useApiKeys, useRevokeApiKey } from '@/lib/api/accounts';
import type { ApiKey } from '@/lib/api/types';
import { useSearchState } from '@/lib/hooks/use-search-state';
import { useNotify } from '@/lib/store/hooks';
import { kScopes } from './scopes';

const kPageSize = 25;

function scopeText(key: ApiKey): string {
  return kScopes
    .filter(({ scope }) => key.scopes.includes(scope))
    .map(({ label }) => label)
    .join(', ');
}

function RevokeKey({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const revoke = useRevokeApiKey();
  const notify = useNotify();
  return (
    <ConfirmDialog
      open
      title={`Revoke ${apiKey.name}?`}
      confirm="Revoke key"
      busy={revoke.isPending}
      error={revoke.error}
      onClose={onClose}
      onConfirm={() => {
        revoke.mutate(apiKey.id, {
          onSuccess: () => {
            notify('success', `${apiKey.name} was revoked.`);
            onClose();
          },
        });
      }}
    >
      Whatever uses it is refused from now on.
    </ConfirmDialog>
  );
}

function KeyRow({ apiKey, onRevoke }: { apiKey: ApiKey; onRevoke: () => void }) {
  return (
    <GridRow
      testId="api-key-row"
      columns={{
        xs: 'minmax(0, 1fr) auto',
        md: 'minmax(0, 1fr) minmax(0, 1fr) 190px auto',
      }}
    >
      <Box sx={{ minWidth: 0 }}>
        <Typography variant="h3" sx={{ overflowWrap: 'anywhere' }}>
          {apiKey.name}
        </Typography>
        <Typography variant="caption" color="textSecondary" sx={{ fontFamily: 'monospace' }}>
          {apiKey.hint}…
        </Typography>
      </Box>
      <Box
        sx={{
          gridColumn: { xs: '1 / -1', md: 'auto' },
          gridRow: { xs: 2, md: 'auto' },
          display: { xs: 'block', md: 'contents' },
        }}
      >
        <Typography variant="body2">{scopeText(apiKey)}</Typography>
        <Typography variant="caption" color="textSecondary" component="div">
          <div>
            Used <RelativeTime time={apiKey.last_used} />
          </div>
          <div>
            {apiKey.expires_at === null ? (
              'Does not expire'
            ) : (
              <>
                Expires <RelativeTime time={apiKey.expires_at} />
              </>
            )}
          </div>
        </Typography>
      </Box>
      <Box sx={{ gridColumn: { xs: 2, md: 'auto' }, gridRow: { xs: 1, md: 'auto' } }}>
        <Tooltip title="Revoke">
          <IconButton aria-label={`Revoke ${apiKey.name}`} onClick={onRevoke}>
            <Trash2 size={16} />
          </IconButton>
        </Tooltip>
      </Box>
    </GridRow>
  );
}

export function ApiKeyList() {
  const { get, page } = useSearchState();
  const [revoked, setRevoked] = useState<ApiKey | null>(null);
  const query = useApiKeys({ search: get('search'), page, page_size: kPageSize });
  return (
    <>
      <PagedList
        query={query}
        items={query.data?.api_keys}
        pageSize={kPageSize}
        noun="key"
        filters={['search']}
        empty={{
          icon: KeyRound,
          title: 'No API keys yet',
          text: 'A key lets a program read or write without a person’s password.',
        }}
      >
        {(keys) => (
          <RowList>
            {keys.map((key) => (
              <KeyRow
                key={key.id}
                apiKey={key}
                onRevoke={() => {
                  setRevoked(key);
                }}
              />
            ))}
          </RowList>
        )}
      </PagedList>
      {revoked && (
        <RevokeKey
          apiKey={revoked}
          onClose={() => {
            setRevoked(null);
          }}
        />
      )}
    </>
  );
}
