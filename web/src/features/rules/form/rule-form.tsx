import { Box } from '@mui/material';
import { Panel } from '@/components/ui/panel';
import type { SpokenRule } from '@/lib/rule-sentence';
import { AlertFields } from './alert-fields';
import { Conditions } from './conditions';
import { Fold } from './fold';
import { kLevelErrors, LevelFields, levelWords } from './level-fields';
import { kOtherErrors, OtherFields, otherWords } from './other-fields';
import type { FormPart } from './part';
import { kScheduleErrors, ScheduleFields, scheduleWords } from './schedule-fields';
import { kSteadyErrors, SteadyFields, steadyWords } from './steady-fields';
import { Summary } from './summary';
import { TargetFields } from './target-fields';

interface RuleFormProps extends FormPart {
  spoken: SpokenRule;
  /** The name it gets when none is typed. */
  suggested: string;
  /** The device whose readings are shown; empty while there is none. */
  sample: string;
}

/** What a plain rule needs stays open; the rest is folded away. */
export function RuleForm({ spoken, suggested, sample, ...part }: RuleFormProps) {
  const { draft, errors, view } = part;
  const wrong = (fields: RegExp) => Object.keys(errors).some((name) => fields.test(name));
  return (
    <Box sx={{ display: 'grid', gap: 2, minWidth: 0 }}>
      <Panel title="What it watches">
        <TargetFields {...part} />
      </Panel>
      <Panel title="When it triggers">
        <Conditions {...part} sample={sample} />
      </Panel>
      <Summary spoken={spoken} unitOf={view.unitOf} />
      <Panel title="What happens then">
        <AlertFields {...part} suggested={suggested} />
      </Panel>
      <Panel title="More" subtitle="Most rules do without" flush>
        <Fold title="Against flicker" summary={steadyWords(draft)} wrong={wrong(kSteadyErrors)}>
          <SteadyFields {...part} />
        </Fold>
        <Fold title="Escalation" summary={levelWords(draft)} wrong={wrong(kLevelErrors)}>
          <LevelFields {...part} />
        </Fold>
        <Fold title="Schedule" summary={scheduleWords(draft)} wrong={wrong(kScheduleErrors)}>
          <ScheduleFields {...part} />
        </Fold>
        <Fold title="Alert" summary={otherWords(draft)} wrong={wrong(kOtherErrors)}>
          <OtherFields {...part} />
        </Fold>
      </Panel>
    </Box>
  );
}
