import {
  Alert,
  Box,
  Button,
  IconButton,
  InputAdornment,
  TextField,
  Typography,
} from '@mui/material';
import { useMutation } from '@tanstack/react-query';
import { Eye, EyeOff } from 'lucide-react';
import { useEffect, useState, type FormEvent } from 'react';
import { Logo } from '@/components/ui/logo';
import { ApiError, errorMessage } from '@/lib/api/error';
import { api } from '@/lib/api/instance';
import { LoadCurve } from './load-curve';
import { ProviderLogin } from './provider-login';

function loginError(error: unknown): string {
  if (error instanceof ApiError && error.code === 'UNAUTHENTICATED') {
    return 'Email or password is wrong.';
  }
  return errorMessage(error);
}

/** The second step: a code of the authenticator, or a recovery code. */
function CodeForm({ challenge, onBack }: { challenge: string; onBack: () => void }) {
  const [code, setCode] = useState('');
  const finish = useMutation({ mutationFn: () => api.finishLogin(challenge, code), gcTime: 0 });

  function submit(event: FormEvent) {
    event.preventDefault();
    finish.mutate();
  }

  return (
    <Box component="form" onSubmit={submit} noValidate sx={{ display: 'grid', gap: 2 }}>
      {finish.isError && <Alert severity="error">{errorMessage(finish.error)}</Alert>}
      <TextField
        label="Code"
        autoComplete="one-time-code"
        autoFocus
        size="medium"
        value={code}
        helperText="Of your authenticator, or one of your recovery codes."
        onChange={(event) => {
          setCode(event.target.value);
        }}
        slotProps={{ htmlInput: { 'data-testid': 'login-code', required: true } }}
      />
      <Button
        type="submit"
        variant="contained"
        size="large"
        loading={finish.isPending}
        disabled={code.trim() === ''}
        data-testid="login-code-submit"
        sx={{ minHeight: 46, mt: 0.5, fontSize: '0.9375rem' }}
      >
        Sign in
      </Button>
      <Button color="secondary" onClick={onBack}>
        Back
      </Button>
    </Box>
  );
}

function LoginForm() {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [visible, setVisible] = useState(false);
  const login = useMutation({ mutationFn: () => api.login(email.trim(), password), gcTime: 0 });

  function submit(event: FormEvent) {
    event.preventDefault();
    login.mutate();
  }

  if (login.data) {
    return (
      <CodeForm
        challenge={login.data}
        onBack={() => {
          setPassword('');
          login.reset();
        }}
      />
    );
  }
  return (
    <Box component="form" onSubmit={submit} noValidate sx={{ display: 'grid', gap: 2 }}>
      {login.isError && <Alert severity="error">{loginError(login.error)}</Alert>}
      <TextField
        label="Email"
        type="email"
        autoComplete="username"
        autoFocus
        size="medium"
        value={email}
        onChange={(event) => {
          setEmail(event.target.value);
        }}
        slotProps={{ htmlInput: { 'data-testid': 'login-email', required: true } }}
      />
      <TextField
        label="Password"
        type={visible ? 'text' : 'password'}
        autoComplete="current-password"
        size="medium"
        value={password}
        onChange={(event) => {
          setPassword(event.target.value);
        }}
        slotProps={{
          htmlInput: { 'data-testid': 'login-password', maxLength: 72, required: true },
          input: {
            endAdornment: (
              <InputAdornment position="end">
                <IconButton
                  edge="end"
                  aria-label={visible ? 'Hide the password' : 'Show the password'}
                  onClick={() => {
                    setVisible(!visible);
                  }}
                >
                  {visible ? <EyeOff size={18} /> : <Eye size={18} />}
                </IconButton>
              </InputAdornment>
            ),
          },
        }}
      />
      <Button
        type="submit"
        variant="contained"
        size="large"
        loading={login.isPending}
        disabled={email.trim() === '' || password === ''}
        data-testid="login-submit"
        sx={{ minHeight: 46, mt: 0.5, fontSize: '0.9375rem' }}
      >
        Sign in
      </Button>
    </Box>
  );
}

export function LoginPage() {
  useEffect(() => {
    document.title = 'Sign in · Energy Platform';
  }, []);

  return (
    <Box
      component="main"
      sx={{
        display: 'grid',
        minHeight: '100dvh',
        gridTemplateColumns: { xs: '1fr', md: 'minmax(440px, 5fr) 7fr' },
      }}
    >
      <Box
        sx={{
          display: 'grid',
          alignContent: 'center',
          justifyContent: 'center',
          gridTemplateColumns: 'minmax(0, 368px)',
          px: 3,
          py: 6,
        }}
      >
        <Logo size={44} />
        <Typography variant="h1" sx={{ mt: 3, fontSize: '1.75rem' }}>
          Sign in
        </Typography>
        <Typography color="textSecondary" sx={{ mt: 0.5, mb: 4, textWrap: 'balance' }}>
          See what your devices draw, as they draw it.
        </Typography>
        <Box sx={{ display: 'grid', gap: 2 }}>
          <ProviderLogin />
          <LoginForm />
        </Box>
        <Typography variant="caption" color="textSecondary" sx={{ mt: 3 }}>
          No account? Ask an administrator of this platform.
        </Typography>
      </Box>
      <LoadCurve />
    </Box>
  );
}
