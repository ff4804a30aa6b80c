import { useCallback } from 'react';
import { useDispatch, useSelector } from 'react-redux';
import type { AppDispatch, RootState } from './store';
import { noticeShown, type Notice } from './ui-slice';
import { rememberUndo } from './undo';

export const useAppDispatch = useDispatch.withTypes<AppDispatch>();
export const useAppSelector = useSelector.withTypes<RootState>();

export function useUser() {
  return useAppSelector((state) => state.session.user);
}

/** What the role of the user allows; the server decides in the end. */
export function usePermissions() {
  const role = useUser()?.role;
  const admin = role === 'admin';
  return { manageDevices: admin, administer: admin, edit: admin || role === 'engineer' };
}

/** `undo`: takes back what the notice tells of, when somebody asks for it. */
export function useNotify() {
  const dispatch = useAppDispatch();
  return useCallback(
    (kind: Notice['kind'], text: string, undo?: () => void) => {
      const { payload } = dispatch(noticeShown(kind, text, undo !== undefined));
      if (undo) rememberUndo(payload.id, undo);
    },
    [dispatch],
  );
}
