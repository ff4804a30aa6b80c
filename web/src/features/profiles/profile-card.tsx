import {
  Box,
  IconButton,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
  Tooltip,
  Typography,
} from '@mui/material';
import { Pencil, Trash2 } from 'lucide-react';
import { Panel } from '@/components/ui/panel';
import { RelativeTime } from '@/components/ui/relative-time';
import type { Profile, ProfileField } from '@/lib/api/types';
import { fieldLabel } from '@/lib/fields';
import { formatLimits } from '@/lib/units';

interface ProfileCardProps {
  profile: Profile;
  canEdit: boolean;
  onEdit: () => void;
  onDelete: () => void;
}

function FieldLine({ field }: { field: ProfileField }) {
  const nominal = formatLimits(field.nominal_min, field.nominal_max, field.unit);
  return (
    <TableRow sx={{ '&:last-child td, &:last-child th': { borderBottom: 0 } }}>
      <TableCell component="th" scope="row" sx={{ overflowWrap: 'anywhere' }}>
        {fieldLabel(field.name)}
        {field.required && (
          <Typography variant="caption" color="textSecondary" component="span">
            {' '}
            required
          </Typography>
        )}
      </TableCell>
      <TableCell className="numeric">{formatLimits(field.min, field.max, field.unit)}</TableCell>
      <TableCell
        className="numeric"
        sx={{ color: nominal === null ? 'text.secondary' : undefined }}
      >
        {nominal ?? '–'}
      </TableCell>
    </TableRow>
  );
}

/** The fields of one device type with what is accepted and what is normal. */
export function ProfileCard({ profile, canEdit, onEdit, onDelete }: ProfileCardProps) {
  return (
    <Panel
      flush
      title={<span data-testid="profile-card">{profile.type}</span>}
      subtitle={
        <>
          {profile.fields.length} {profile.fields.length === 1 ? 'field' : 'fields'} · version{' '}
          {profile.version} · changed <RelativeTime time={profile.updated_at} />
        </>
      }
      actions={
        canEdit && (
          <Box sx={{ display: 'flex' }}>
            <Tooltip title="Edit">
              <IconButton aria-label={`Edit ${profile.type}`} onClick={onEdit}>
                <Pencil size={16} />
              </IconButton>
            </Tooltip>
            <Tooltip title="Remove">
              <IconButton aria-label={`Remove ${profile.type}`} onClick={onDelete}>
                <Trash2 size={16} />
              </IconButton>
            </Tooltip>
          </Box>
        )
      }
    >
      <Table size="small" sx={{ '& td, & th': { px: { xs: 1.25, sm: 2 } } }}>
        <TableHead>
          <TableRow>
            <TableCell>Field</TableCell>
            <TableCell>Accepted</TableCell>
            <TableCell>Nominal</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {profile.fields.map((field) => (
            <FieldLine key={field.name} field={field} />
          ))}
        </TableBody>
      </Table>
    </Panel>
  );
}
