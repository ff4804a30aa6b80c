import { Box } from '@mui/material';
import { useMemo, useState } from 'react';
import type { Rule } from '@/lib/api/types';
import { draftOfRule } from './draft/rule-draft';
import { spokenRule } from './draft/spoken';
import { Summary } from './form/summary';
import { SampleField } from './trial/sample-field';
import { WhyPanel } from './trial/why-panel';
import { useTarget } from './use-target';

/** A rule for those who may not change it. */
export function RuleView({ rule }: { rule: Rule }) {
  const target = useMemo(() => draftOfRule(rule).target, [rule]);
  const view = useTarget(target);
  const [chosen, setChosen] = useState('');
  const sample = rule.device_id ?? (chosen || view.devices[0]?.id || '');
  return (
    <Box sx={{ display: 'grid', gap: 2, maxWidth: 720 }}>
      <Summary spoken={spokenRule(rule, view.nameOf)} unitOf={view.unitOf} />
      {rule.description !== null && <Box sx={{ whiteSpace: 'pre-line' }}>{rule.description}</Box>}
      {rule.device_id === null && (
        <SampleField devices={view.devices} value={sample} onChange={setChosen} />
      )}
      <WhyPanel rule={rule} sample={sample} unitOf={view.unitOf} changed={false} />
    </Box>
  );
}
