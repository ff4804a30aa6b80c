import { Box, Button } from '@mui/material';
import { useMemo, useRef, useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { errorMessage } from '@/lib/api/error';
import type { Rule } from '@/lib/api/types';
import { fieldErrors } from '@/lib/forms';
import { useNotify } from '@/lib/store/hooks';
import type { RuleDraft } from './draft/rule-draft';
import { spokenDraft, suggestName } from './draft/spoken';
import { RuleForm } from './form/rule-form';
import { SaveBar } from './form/save-bar';
import { BacktestPanel } from './trial/backtest-panel';
import { SampleField } from './trial/sample-field';
import { WhyPanel } from './trial/why-panel';
import { useLeaveGuard } from './use-leave-guard';
import { useRuleDraft } from './use-rule-draft';
import { useTarget } from './use-target';

interface RuleEditorProps {
  /** The rule to edit; null for a new one. */
  rule: Rule | null;
  initial: RuleDraft;
}

/** Fields that have a place in the form to tell what is wrong with them. */
const kPlaced =
  /^(name|description|device_(id|type)|device_tag\.(name|value)|conditions\[\d+\]\.(kind|property|operator|threshold|clear_threshold|aggregate|window_s)|levels(\[\d+\]\.(severity|threshold))?|for_s|clear_for_s|schedule\.(time_zone|weekdays|holidays.*|times\[\d+\].*)|severity|notification_channels|cooldown_minutes)$/;

/** Writing a rule: the form, and beside it what the rule would do. */
export function RuleEditor({ rule, initial }: RuleEditorProps) {
  const form = useRef<HTMLFormElement>(null);
  const navigate = useNavigate();
  const notify = useNotify();
  const editing = useRuleDraft(rule, initial);
  const { draft, errors, edit, changed, conflict, error } = editing;
  const view = useTarget(draft.target);
  const [chosen, setChosen] = useState('');
  const watched = view.devices.some(({ id }) => id === chosen) ? chosen : undefined;
  const sample =
    draft.target.kind === 'device' ? draft.target.deviceId : (watched ?? view.devices[0]?.id ?? '');
  const spoken = useMemo(() => spokenDraft(draft, view.nameOf), [draft, view]);
  const suggested = suggestName(spoken, view.unitOf);
  const guard = useLeaveGuard(changed);

  function showFirstError() {
    // Folds with errors open first.
    requestAnimationFrame(() => {
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    });
  }

  async function finish(saving: Promise<unknown>) {
    try {
      await saving;
      guard.letGo();
      notify('success', rule ? 'The rule was saved.' : 'The rule was created and is active.');
      void navigate('/rules');
    } catch {
      showFirstError();
    }
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    if (editing.check()) void finish(editing.save(suggested));
    else showFirstError();
  }

  const unplaced = Object.entries(errors).filter(([name]) => !kPlaced.test(name));
  function trouble() {
    if (conflict) {
      return {
        text: 'Somebody has changed this rule since you opened it.',
        actions: (
          <>
            <Button color="inherit" size="small" onClick={() => void editing.takeStored()}>
              Take theirs
            </Button>
            <Button
              color="inherit"
              size="small"
              onClick={() => void finish(editing.saveOver(suggested))}
            >
              Save mine
            </Button>
          </>
        ),
      };
    }
    if (unplaced.length > 0) {
      return { text: unplaced.map(([name, text]) => `${name} ${text}`).join('; ') };
    }
    const general = error !== null && Object.keys(fieldErrors(error)).length === 0;
    return general ? { text: errorMessage(error) } : null;
  }

  return (
    <Box
      sx={{
        display: 'grid',
        gap: 2,
        alignItems: 'start',
        gridTemplateColumns: {
          xs: 'minmax(0, 1fr)',
          lg: 'minmax(0, 6fr) minmax(0, 5fr)',
        },
      }}
    >
      <form ref={form} onSubmit={submit} noValidate aria-label="Rule">
        <RuleForm
          draft={draft}
          set={edit}
          errors={errors}
          view={view}
          spoken={spoken}
          suggested={suggested}
          sample={sample}
        />
        <SaveBar
          save={rule ? 'Save' : 'Create rule'}
          busy={editing.saving}
          changed={changed}
          trouble={trouble()}
        />
      </form>
      <Box sx={{ display: 'grid', gap: 2, minWidth: 0, position: { lg: 'sticky' }, top: 64 }}>
        {draft.target.kind !== 'device' && (
          <SampleField devices={view.devices} value={sample} onChange={setChosen} />
        )}
        <BacktestPanel
          draft={draft}
          sample={sample}
          unitOf={view.unitOf}
          check={editing.check}
          onRefused={(refusal) => {
            editing.refuse(refusal);
            showFirstError();
          }}
          onTake={edit}
        />
        {rule && <WhyPanel rule={rule} sample={sample} unitOf={view.unitOf} changed={changed} />}
      </Box>
      {guard.question}
    </Box>
  );
}
