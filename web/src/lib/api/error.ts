import type { ErrorCode } from './types';

/** An answer that is not a success, or no answer at all (`NETWORK`). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: ErrorCode | 'NETWORK' | 'UNEXPECTED',
    message: string,
    readonly details: Record<string, string> = {},
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** The program did not answer, or something in front of it answered in its place. */
  get unreachable(): boolean {
    return this.code === 'NETWORK' || this.status === 502 || this.status === 504;
  }
}

/** What to tell a person about any thrown value. */
export function errorMessage(error: unknown): string {
  if (error instanceof ApiError && error.unreachable) {
    return 'The platform does not answer. Check the connection; this page keeps trying.';
  }
  if (error instanceof ApiError && error.code === 'RATE_LIMITED' && error.retryAfterSeconds) {
    return `${error.message} Try again in ${error.retryAfterSeconds} s.`;
  }
  return error instanceof Error ? error.message : 'Something went wrong.';
}
