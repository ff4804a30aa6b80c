import { describe, expect, it } from 'vitest';
import { fileName, readAll } from './download';

function body(chunks: string[], failure?: Error): Response {
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk !== undefined) controller.enqueue(encoder.encode(chunk));
      else if (failure) controller.error(failure);
      else controller.close();
    },
  });
  return new Response(stream, { headers: { 'Content-Type': 'text/csv' } });
}

describe('readAll', () => {
  it('joins the parts and tells the progress', async () => {
    const seen: number[] = [];
    const blob = await readAll(body(['time,', 'power']), (bytes) => seen.push(bytes));
    expect(blob.size).toBe(10);
    expect(blob.type).toBe('text/csv');
    expect(seen).toEqual([5, 10]);
  });

  it('refuses a body that breaks off', async () => {
    const broken = body(['time,'], new TypeError('network error'));
    await expect(readAll(broken, () => undefined)).rejects.toThrow('broke off before its end');
  });

  it('passes a cancellation on', async () => {
    const aborted = body([], new DOMException('aborted', 'AbortError'));
    await expect(readAll(aborted, () => undefined)).rejects.toThrow('aborted');
  });
});

describe('fileName', () => {
  it('keeps only what every file system takes', () => {
    expect(fileName('D 1/ä', '2026-02-07T11:26:00Z.csv')).toBe('D-1--2026-02-07T11-26-00Z.csv');
  });
});
