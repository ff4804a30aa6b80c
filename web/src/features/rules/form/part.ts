import type { RuleDraft } from '../draft/rule-draft';
import type { TargetView } from '../use-target';

/** What each part of the form is given. */
export interface FormPart {
  draft: RuleDraft;
  /** Changes some of the draft. */
  set: (change: Partial<RuleDraft>) => void;
  /** By the names of the API's fields. */
  errors: Record<string, string>;
  view: TargetView;
}
