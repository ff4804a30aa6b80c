import { ApiError } from './error';

export type QueryValue = string | number | boolean | readonly string[] | null | undefined;
export type QueryParameters = Record<string, QueryValue>;

/** Builds `?a=1&b=x,y`. Absent and empty values are left out: the API refuses what it does not know. */
export function queryString(parameters: QueryParameters = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    const text = Array.isArray(value) ? value.join(',') : String(value ?? '');
    if (text !== '') search.set(name, text);
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

interface EnvelopeBody {
  success?: boolean;
  data?: unknown;
  error?: { code?: string; message?: string; details?: Record<string, string> } | null;
}

/** Takes `data` out of an answer's envelope, or throws the ApiError that the answer stands for. */
export async function unwrap<T>(response: Response): Promise<T> {
  let body: EnvelopeBody | null = null;
  try {
    body = (await response.json()) as EnvelopeBody;
  } catch {
    // Not JSON: a proxy's page or an empty body; the status decides below.
  }
  if (response.ok && body?.success === true) return body.data as T;
  const retryAfter = Number(response.headers.get('Retry-After'));
  throw new ApiError(
    response.status,
    (body?.error?.code as ApiError['code'] | undefined) ?? 'UNEXPECTED',
    body?.error?.message ?? `The platform answered with status ${response.status}.`,
    body?.error?.details ?? {},
    Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null,
  );
}
