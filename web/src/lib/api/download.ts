import { useCallback, useEffect, useRef, useState } from 'react';
import { useNotify } from '@/lib/store/hooks';
import { ApiError, errorMessage } from './error';
import type { RequestOptions } from './client';
import { api } from './instance';

export interface FileRequest extends Omit<RequestOptions, 'signal'> {
  method: 'GET' | 'POST';
  path: string;
}

/** Reads a body to its end, telling after each part how many bytes there are. Throws when it breaks off. */
export async function readAll(response: Response, onBytes: (bytes: number) => void): Promise<Blob> {
  const parts: BlobPart[] = [];
  const reader = response.body?.getReader();
  let bytes = 0;
  try {
    for (;;) {
      const part = await reader?.read();
      if (!part || part.done) break;
      parts.push(part.value);
      bytes += part.value.byteLength;
      onBytes(bytes);
    }
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'UNEXPECTED', 'The file broke off before its end; nothing was saved.');
  }
  return new Blob(parts, { type: response.headers.get('Content-Type') ?? '' });
}

/** Letters, digits, dash, dot and underscore: what every file system takes. */
export function fileName(...parts: string[]): string {
  return parts.join('-').replace(/[^A-Za-z0-9_.-]+/g, '-');
}

/** How long a file that was handed over stays readable. */
const kKeptMs = 60_000;

function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // A large file is still being copied when the click returns.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, kKeptMs);
}

/** Fetches files with the session and hands them to the browser; one at a time. */
export function useDownload() {
  const notify = useNotify();
  const [bytes, setBytes] = useState<number | null>(null);
  const running = useRef<AbortController | null>(null);

  const cancel = useCallback(() => {
    running.current?.abort();
  }, []);
  useEffect(() => cancel, [cancel]);

  const start = useCallback(
    async ({ method, path, ...options }: FileRequest, name: string) => {
      cancel();
      const controller = new AbortController();
      running.current = controller;
      setBytes(0);
      try {
        const { signal } = controller;
        const response = await api.open(method, path, { ...options, signal });
        save(await readAll(response, setBytes), name);
        if (response.headers.get('X-Truncated') === 'true') {
          notify('info', 'The file is not complete: a limit of the platform cut it off.');
        }
      } catch (error) {
        if (!controller.signal.aborted) notify('error', errorMessage(error));
      }
      if (running.current === controller) {
        running.current = null;
        setBytes(null);
      }
    },
    [cancel, notify],
  );

  /** `bytes`: received so far while one runs, else null. */
  return { bytes, start, cancel };
}
