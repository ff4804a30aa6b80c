import { useCallback } from 'react';
import { useDispatch, useSelector } from 'react-redux';
import type { AppDispatch, RootState } from './store';
import { noticeShown, type Notice } from './ui-slice';

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

export function useNotify() {
  const dispatch = useAppDispatch();
  return useCallback(
    (kind: Notice['kind'], text: string) => {
      dispatch(noticeShown(kind, text));
    },
    [dispatch],
  );
}
