import { ApiError } from './api/error';

/** What the server says about single fields; empty when the failure is about something else. */
export function fieldErrors(error: unknown): Record<string, string> {
  return error instanceof ApiError ? error.details : {};
}

/** Properties for a text field: the server's word on it, if any, takes the place of the hint. */
export function fieldState(errors: Record<string, string>, name: string, hint?: string) {
  const text = errors[name];
  return { error: text !== undefined, helperText: text ?? hint };
}

/** Null for what is no number. A comma is taken as the decimal point it is in much of the world. */
export function parseNumber(text: string): number | null {
  const trimmed = text.trim().replace(',', '.');
  const value = Number(trimmed);
  return trimmed === '' || !Number.isFinite(value) ? null : value;
}
