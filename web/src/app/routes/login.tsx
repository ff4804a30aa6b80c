import { useEffect, useState } from 'react';
import { Navigate, useSearchParams } from 'react-router';
import { LoginPage } from '@/features/auth/login-page';
import { forgetNext, recallNext } from '@/features/auth/provider-return';
import { useAppSelector } from '@/lib/store/hooks';

/** Only a path of this page: a link to the login must not lead elsewhere. */
function safePath(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : '/';
}

/** To where the person wanted to go, which no later login shall remember. */
function Onwards() {
  const [search] = useSearchParams();
  const [to] = useState(() => safePath(search.get('next') ?? recallNext()));
  useEffect(forgetNext, []);
  return <Navigate to={to} replace />;
}

export function LoginRoute() {
  const status = useAppSelector((state) => state.session.status);
  return status === 'signed-in' ? <Onwards /> : <LoginPage />;
}
