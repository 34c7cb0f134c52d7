/** The version in package.json, read only when it is shown. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installationRoot } from '../platform/installation.ts';

export function productVersion(): string {
  const { version } = JSON.parse(readFileSync(join(installationRoot(), 'package.json'), 'utf8')) as { version: string };
  return version;
}
