import { Alert, Box, Checkbox, FormControlLabel, Link as TextLink } from '@mui/material';
import { Link } from 'react-router';
import type { ProfileImpact } from '@/lib/api/types';
import { fieldLabel } from '@/lib/fields';

type AffectedRule = ProfileImpact['broken_rules'][number];

function Rules({ rules }: { rules: readonly AffectedRule[] }) {
  return (
    <Box component="ul" sx={{ m: 0, mt: 0.5, pl: 2.25 }}>
      {rules.map((rule) => (
        <li key={rule.id}>
          <TextLink
            component={Link}
            to={`/rules?search=${encodeURIComponent(rule.name)}`}
            target="_blank"
            color="inherit"
          >
            {rule.name}
          </TextLink>
          , {fieldLabel(rule.property).toLowerCase()} of {rule.device_id ?? 'this type'}
        </li>
      ))}
    </Box>
  );
}

const count = (n: number, one: string) =>
  `${n.toLocaleString('en-US')} ${one}${n === 1 ? '' : 's'}`;

interface ImpactProps {
  impact: ProfileImpact;
  accepted: boolean;
  onAccept: (accepted: boolean) => void;
}

/** What saving would do to devices and rules, before it is done. */
export function Impact({ impact, accepted, onAccept }: ImpactProps) {
  const { devices, removed_fields: removed, broken_rules: broken, mute_rules: mute } = impact;
  const concerns = removed.length + broken.length + mute.length > 0;
  return (
    <Box sx={{ display: 'grid', gap: 1 }} data-testid="profile-impact" role="status">
      <Alert severity={concerns ? 'info' : 'success'} variant="outlined">
        {devices === 0
          ? 'No device is of this type yet.'
          : `Readings of ${count(devices, 'device')} will be checked against this from the next one on.`}
        {broken.length + mute.length === 0 && ' No active rule is affected.'}
        {removed.length > 0 && ` No longer known: ${removed.join(', ')}. Stored readings stay.`}
      </Alert>
      {mute.length > 0 && (
        <Alert severity="warning" variant="outlined">
          {count(mute.length, 'active rule')} could never fire: no accepted value is beyond the
          limit.
          <Rules rules={mute} />
        </Alert>
      )}
      {broken.length > 0 && (
        <Alert severity="error" variant="outlined">
          {count(broken.length, 'active rule')} would stop working: the field is gone.
          <Rules rules={broken} />
          <FormControlLabel
            label="Save all the same"
            control={
              <Checkbox
                size="small"
                checked={accepted}
                onChange={(_, checked) => {
                  onAccept(checked);
                }}
              />
            }
          />
        </Alert>
      )}
    </Box>
  );
}
