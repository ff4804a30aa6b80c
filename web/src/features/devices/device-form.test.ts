import { describe, expect, it } from 'vitest';
import { metadataToText, textToMetadata } from './device-form';

describe('details of a device', () => {
  it('survive being edited', () => {
    const metadata = { manufacturer: 'Acme: Ltd', rated_power_w: 60, tags: ['a'], spare: true };
    expect(textToMetadata(metadataToText(metadata))).toEqual(metadata);
  });

  it('leave out lines that name nothing', () => {
    expect(textToMetadata('\njust words\n: 5\nkey:value')).toEqual({ key: 'value' });
  });
});
