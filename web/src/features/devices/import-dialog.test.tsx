import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Provider } from 'react-redux';
import { MemoryRouter } from 'react-router';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RequestOptions } from '@/lib/api/client';
import { ApiError } from '@/lib/api/error';
import { api } from '@/lib/api/instance';
import type { DeviceImport } from '@/lib/api/types';
import { store } from '@/lib/store/store';
import { ImportDialog } from './import-dialog';

const kFile = 'id,name,type\nD7,Lamp,bulb\nD 8,Press,press\n';

/** As the platform answers to kFile. */
function reportOf(query: RequestOptions['query']): DeviceImport {
  return {
    dry_run: query?.dry_run === 'true',
    lines: 2,
    created: 1,
    updated: 0,
    skipped: 0,
    refused: 1,
    errors: [{ line: 3, field: 'id', message: 'must not have spaces' }],
    errors_total: 1,
  };
}

type Answer = (query: RequestOptions['query']) => DeviceImport;

/** Shows the dialog over an API that answers so; returns what was asked. */
function show(answer: Answer = reportOf) {
  const asked: RequestOptions['query'][] = [];
  vi.spyOn(api, 'post').mockImplementation((path, _body, options) => {
    expect(path).toBe('/api/devices.csv');
    asked.push(options?.query);
    return new Promise((resolve) => {
      resolve(answer(options?.query));
    });
  });
  const onClose = vi.fn();
  render(
    <Provider store={store}>
      <QueryClientProvider client={new QueryClient()}>
        <MemoryRouter>
          <ImportDialog onClose={onClose} />
        </MemoryRouter>
      </QueryClientProvider>
    </Provider>,
  );
  return { asked, onClose };
}

/** jsdom's files cannot be read as text. */
function csv(text: string, size = text.length): File {
  const file = new File([text], 'plant.csv', { type: 'application/vnd.ms-excel' });
  return Object.defineProperties(file, {
    size: { value: size },
    text: { value: () => Promise.resolve(text) },
  });
}

const choose = (file: File) => userEvent.upload(screen.getByLabelText('File'), file);
const importButton = (name: RegExp) => screen.findByRole<HTMLButtonElement>('button', { name });

beforeEach(() => {
  vi.restoreAllMocks();
});
afterEach(cleanup);

describe('ImportDialog', () => {
  it('checks first, names the mistakes by line, and imports the rest only when told to', async () => {
    const { asked, onClose } = show();
    await choose(csv(kFile));
    expect(await screen.findByText('must not have spaces')).toBeTruthy();
    expect(screen.getByText('1 device to add, 1 device with mistakes.')).toBeTruthy();
    expect(screen.getAllByTestId('import-line')).toHaveLength(1);
    expect(screen.getByText('Press')).toBeTruthy();
    await userEvent.click(screen.getByRole('tab', { name: 'All lines 2' }));
    expect(screen.getAllByTestId('import-line')).toHaveLength(2);

    const button = await importButton(/^Import 1 device$/);
    expect(button.disabled).toBe(true);
    await userEvent.click(screen.getByRole('checkbox', { name: /Leave the 1 line with mistakes/ }));
    expect(asked.map((query) => query?.dry_run)).toEqual(['true']);
    await userEvent.click(button);
    expect(await screen.findByText('1 device added, 1 device left out.')).toBeTruthy();
    expect(asked.at(-1)).toEqual({ existing: 'refuse', partial: 'true' });
    await userEvent.click(screen.getByRole('button', { name: 'Done' }));
    expect(onClose).toHaveBeenCalledOnce();
  });

  it('takes a dropped file', async () => {
    const { asked } = show();
    const drop = screen.getByRole('button', { name: 'Choose a file' });
    fireEvent.drop(drop, { dataTransfer: { files: [csv(kFile)] } });
    expect(await screen.findByText('must not have spaces')).toBeTruthy();
    expect(asked).toHaveLength(1);
  });

  it('shows why a whole file is refused, and takes another', async () => {
    show(() => {
      throw new ApiError(400, 'VALIDATION_ERROR', 'The header is not that of devices.', {
        colour: 'is no column of devices',
      });
    });
    await choose(csv('id,colour\nD7,red\n'));
    expect(await screen.findByText(/is no column of devices/)).toBeTruthy();
    expect((await importButton(/^Import$/)).disabled).toBe(true);
    await userEvent.click(screen.getByRole('button', { name: 'Another file' }));
    expect(screen.getByRole('button', { name: 'Choose a file' })).toBeTruthy();
  });

  it('sends neither empty nor oversized files', async () => {
    const { asked } = show();
    await choose(csv(''));
    expect(await screen.findByText('plant.csv is empty.')).toBeTruthy();
    await choose(csv(kFile, 17 * 1024 * 1024));
    expect(await screen.findByText(/at most 16 MiB/)).toBeTruthy();
    expect(asked).toEqual([]);
  });
});
