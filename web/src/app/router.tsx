import { createBrowserRouter } from 'react-router';
import { RequireSession } from './layout/require-session';
import { RouteError } from './layout/route-error';

export const router = createBrowserRouter([
  {
    path: '/login',
    ErrorBoundary: RouteError,
    HydrateFallback: () => null,
    lazy: async () => ({ Component: (await import('./routes/login')).LoginRoute }),
  },
  {
    path: '/',
    Component: RequireSession,
    ErrorBoundary: RouteError,
    HydrateFallback: () => null,
    children: [
      {
        lazy: async () => ({ Component: (await import('./layout/app-shell')).AppShell }),
        children: [
          {
            ErrorBoundary: RouteError,
            children: [
              {
                index: true,
                lazy: async () => ({
                  Component: (await import('./routes/dashboard')).DashboardRoute,
                }),
              },
              {
                path: 'devices',
                lazy: async () => ({ Component: (await import('./routes/devices')).DevicesRoute }),
              },
              {
                path: 'devices/:id',
                lazy: async () => ({ Component: (await import('./routes/device')).DeviceRoute }),
              },
              {
                path: 'alerts',
                lazy: async () => ({ Component: (await import('./routes/alerts')).AlertsRoute }),
              },
              {
                path: 'rules',
                lazy: async () => ({ Component: (await import('./routes/rules')).RulesRoute }),
              },
              {
                path: 'dead-letters',
                lazy: async () => ({
                  Component: (await import('./routes/dead-letters')).DeadLettersRoute,
                }),
              },
              {
                path: '*',
                lazy: async () => ({
                  Component: (await import('./routes/not-found')).NotFoundRoute,
                }),
              },
            ],
          },
        ],
      },
    ],
  },
]);
