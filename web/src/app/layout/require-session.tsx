import { Navigate, Outlet, useLocation } from 'react-router';
import { useAppSelector } from '@/lib/store/hooks';

/** Leads to the login page, which leads back here. */
export function RequireSession() {
  const status = useAppSelector((state) => state.session.status);
  const location = useLocation();
  if (status === 'signed-in') return <Outlet />;
  const from = location.pathname + location.search;
  return (
    <Navigate to={from === '/' ? '/login' : `/login?next=${encodeURIComponent(from)}`} replace />
  );
}
