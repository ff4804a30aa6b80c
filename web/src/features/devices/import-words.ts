import type { DeviceImport } from '@/lib/api/types';
import { counted } from '@/lib/units';

/** What an import did, or would do, in a sentence. */
export function outcome(report: DeviceImport, done: boolean): string {
  if (report.lines === 0) return 'The file has a header and no devices.';
  const parts = [
    { count: report.created, what: done ? 'added' : 'to add' },
    { count: report.updated, what: done ? 'updated' : 'to update' },
    { count: report.skipped, what: done ? 'left alone' : 'to leave alone' },
    { count: report.refused, what: done ? 'left out' : 'with mistakes' },
  ].filter(({ count }) => count > 0);
  const texts = parts.map(({ count, what }) => `${counted(count, 'device')} ${what}`);
  return `${texts.join(', ')}.`;
}
