import { Navigate, useSearchParams } from 'react-router';
import { LoginPage } from '@/features/auth/login-page';
import { recallNext } from '@/features/auth/provider-return';
import { useAppSelector } from '@/lib/store/hooks';

/** Only a path of this page: a link to the login must not lead elsewhere. */
function safePath(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : '/';
}

export function LoginRoute() {
  const [search] = useSearchParams();
  const status = useAppSelector((state) => state.session.status);
  if (status === 'signed-in')
    return <Navigate to={safePath(search.get('next') ?? recallNext())} replace />;
  return <LoginPage />;
}
