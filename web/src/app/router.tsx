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
                path: 'alerts/:id',
                lazy: async () => ({ Component: (await import('./routes/alert')).AlertRoute }),
              },
              {
                path: 'rules',
                lazy: async () => ({ Component: (await import('./routes/rules')).RulesRoute }),
              },
              {
                path: 'rules/new',
                lazy: async () => ({ Component: (await import('./routes/new-rule')).NewRuleRoute }),
              },
              {
                path: 'rules/:id',
                lazy: async () => ({ Component: (await import('./routes/rule')).RuleRoute }),
              },
              {
                path: 'dead-letters',
                lazy: async () => ({
                  Component: (await import('./routes/dead-letters')).DeadLettersRoute,
                }),
              },
              {
                path: 'sql',
                lazy: async () => ({ Component: (await import('./routes/sql')).SqlRoute }),
              },
              {
                path: 'profiles',
                lazy: async () => ({
                  Component: (await import('./routes/profiles')).ProfilesRoute,
                }),
              },
              {
                path: 'mqtt',
                lazy: async () => ({ Component: (await import('./routes/mqtt')).MqttRoute }),
              },
              {
                path: 'audit',
                lazy: async () => ({ Component: (await import('./routes/audit')).AuditRoute }),
              },
              {
                path: 'system',
                lazy: async () => ({ Component: (await import('./routes/system')).SystemRoute }),
              },
              {
                path: 'api/docs',
                lazy: async () => ({ Component: (await import('./routes/api-docs')).ApiDocsRoute }),
              },
              {
                path: 'users',
                lazy: async () => ({ Component: (await import('./routes/users')).UsersRoute }),
              },
              {
                path: 'account',
                lazy: async () => ({ Component: (await import('./routes/account')).AccountRoute }),
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
