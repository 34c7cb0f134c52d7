/** What this machine is, for conditions in profiles. Read once, and only when a profile has one. */
import { readFileSync } from 'node:fs';
import { currentlyAsked } from '../../platform/asked.ts';
import { NonoError } from '../../platform/errors.ts';
import type { Host } from './when.ts';

function textOf(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    currentlyAsked()?.ask('content', file, `=${text}`);
    return text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Not taken for a machine without a name: a deny that is for this one would not hold.
    if (code !== 'ENOENT')
      throw new NonoError('io', `${file}: cannot be read (${code}), and a profile has conditions on this machine`, {
        cause: error,
        hint: 'make it readable, or write the profile without `when`',
      });
    currentlyAsked()?.ask('content', file, '-');
    return '';
  }
}

/** `KEY=value` and `KEY="value"` lines. */
function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const found = [...text.matchAll(/^([A-Z_]+)=(?:"([^"\n]*)"|'([^'\n]*)'|([^\n]*))$/gm)];
  return new Map(found.map(([, key, double, single, bare]) => [key as string, double ?? single ?? bare ?? '']));
}

function readHost(): Host {
  if (process.platform === 'darwin') {
    const plist = textOf('/System/Library/CoreServices/SystemVersion.plist');
    const version = /<key>ProductVersion<\/key>\s*<string>([^<]+)</.exec(plist)?.[1] ?? '';
    return { platform: 'macos', version, distribution: '', like: [], variant: '' };
  }
  const release = parseOsRelease(textOf('/etc/os-release') || textOf('/usr/lib/os-release'));
  return {
    platform: process.platform === 'win32' ? 'windows' : 'linux',
    version: release.get('VERSION_ID') ?? '',
    distribution: release.get('ID') ?? '',
    like: (release.get('ID_LIKE') ?? '').split(' ').filter((word) => word !== ''),
    variant: release.get('VARIANT_ID') ?? '',
  };
}

let known: Host | undefined;

export function thisHost(): Host {
  known ??= readHost();
  return known;
}
