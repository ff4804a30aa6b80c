/** What takes back the change that a notice tells of, by the notice. Functions have no place in the store. */
const undoing = new Map<string, () => void>();

export function rememberUndo(noticeId: string, undo: () => void) {
  undoing.set(noticeId, undo);
}

/** Hands it out once. */
export function takeUndo(noticeId: string): (() => void) | undefined {
  const undo = undoing.get(noticeId);
  undoing.delete(noticeId);
  return undo;
}
