import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '@/lib/api/error';

/** A wrong request stays wrong; only missing answers and failures of the server are worth another try. */
function shouldRetry(failures: number, error: unknown): boolean {
  const hopeless = error instanceof ApiError && error.status >= 400 && error.status < 500;
  return !hopeless && failures < 2;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: shouldRetry,
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 5_000),
      // The platform is often reached in a local network without internet.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});
