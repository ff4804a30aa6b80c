import { CssBaseline } from '@mui/material';
import { ThemeProvider } from '@mui/material/styles';
import { QueryClientProvider } from '@tanstack/react-query';
import { Provider } from 'react-redux';
import { RouterProvider } from 'react-router';
import { store } from '@/lib/store/store';
import { queryClient } from './query-client';
import { router } from './router';
import { SessionKeeper } from './session-keeper';
import { theme } from './theme/theme';
import { Toaster } from './layout/toaster';

export function App() {
  return (
    <Provider store={store}>
      <QueryClientProvider client={queryClient}>
        <ThemeProvider
          theme={theme}
          defaultMode="system"
          modeStorageKey="energy-theme"
          disableTransitionOnChange
          noSsr
        >
          <CssBaseline enableColorScheme />
          <SessionKeeper>
            <RouterProvider router={router} />
          </SessionKeeper>
          <Toaster />
        </ThemeProvider>
      </QueryClientProvider>
    </Provider>
  );
}
