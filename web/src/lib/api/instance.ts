import { sessionChanged } from '@/lib/store/session-slice';
import { store } from '@/lib/store/store';
import { reachableChanged } from '@/lib/store/ui-slice';
import { ApiClient } from './client';
import { storedMark } from './session-mark';

/** Web Locks exist in secure contexts only; elsewhere the tabs cannot know of each other. */
function exclusively<T>(task: () => Promise<T>): Promise<T> {
  const locks = navigator.locks as LockManager | undefined;
  return locks ? (locks.request('energy-session', task) as Promise<T>) : task();
}

export const api = new ApiClient({
  exclusively,
  mark: storedMark,
  onSession: (user) => store.dispatch(sessionChanged(user)),
  onReachable: (reachable) => {
    if (store.getState().ui.reachable !== reachable) store.dispatch(reachableChanged(reachable));
  },
});
