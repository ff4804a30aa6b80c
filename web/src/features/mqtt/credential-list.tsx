import { Box, ButtonBase, Typography } from '@mui/material';
import { ChevronRight } from 'lucide-react';
import { RelativeTime } from '@/components/ui/relative-time';
import { RowList } from '@/components/ui/row-list';
import type { MqttListedCredential } from '@/lib/api/types';

interface CredentialListProps {
  credentials: readonly MqttListedCredential[];
  onOpen: (credential: MqttListedCredential) => void;
}

export function CredentialList({ credentials, onOpen }: CredentialListProps) {
  return (
    <RowList>
      {credentials.map((credential) => (
        <li key={credential.username} data-testid="mqtt-credential">
          <ButtonBase
            onClick={() => {
              onOpen(credential);
            }}
            sx={{
              display: 'grid',
              width: '100%',
              alignItems: 'center',
              columnGap: 2,
              gridTemplateColumns: {
                xs: 'minmax(0, 1fr) auto',
                sm: 'minmax(0, 1fr) 180px 180px auto',
              },
              px: { xs: 2, sm: 2.5 },
              py: 1.5,
              textAlign: 'left',
              outlineOffset: '-2px !important',
              '&:hover': { bgcolor: 'action.hover' },
            }}
          >
            <Box sx={{ minWidth: 0 }}>
              <Typography variant="h3" sx={{ overflowWrap: 'anywhere' }}>
                {credential.username}
              </Typography>
              <Typography variant="caption" color="textSecondary" component="p">
                {credential.device_id === null ? 'Client' : `Device ${credential.device_id}`}
              </Typography>
            </Box>
            <Typography
              variant="caption"
              color="textSecondary"
              sx={{ gridRow: { xs: 2, sm: 'auto' }, gridColumn: { xs: 1, sm: 'auto' } }}
            >
              {credential.last_used === null ? (
                'Never used'
              ) : (
                <>
                  Connected <RelativeTime time={credential.last_used} />
                </>
              )}
            </Typography>
            <Typography
              variant="caption"
              color="textSecondary"
              sx={{ display: { xs: 'none', sm: 'block' } }}
            >
              Issued <RelativeTime time={credential.created_at} />
            </Typography>
            <Box
              sx={{
                gridColumn: { xs: 2, sm: 'auto' },
                gridRow: { xs: '1 / 3', sm: 'auto' },
                display: 'grid',
                color: 'text.secondary',
              }}
            >
              <ChevronRight size={16} aria-hidden />
            </Box>
          </ButtonBase>
        </li>
      ))}
    </RowList>
  );
}
