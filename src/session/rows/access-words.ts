/** What a rule grants or denies, as words before its path. */
import type { RuleAccess } from '../../sandbox/linux/constants.ts';

export const accessWords: Readonly<Record<RuleAccess, string>> = {
  read: 'read',
  write: 'write',
  readwrite: 'read and write',
  connect: 'connect to',
  readconnect: 'read and connect to',
  writeconnect: 'write and connect to',
  all: 'all',
};
