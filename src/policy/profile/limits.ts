/** Resource limits as profiles and flags write them. How they are held (a cgroup, or limits of each process) is native/start/limits.c's matter. */
import { NonoError } from '../../platform/errors.ts';
import type { LimitName } from '../../sandbox/linux/constants.ts';

/** Bytes, counts, seconds; absent: no limit. */
export type Limits = Partial<Record<LimitName, number>>;

/** As written: the value of a flag or of a key of `resources`. */
export type WrittenLimits = Partial<Record<'memory' | 'processes' | 'cpuSeconds' | 'fileSize', string | number>>;

interface Kind {
  readonly name: keyof WrittenLimits;
  readonly flag: string;
  readonly parse: (text: string) => number | undefined;
  readonly example: string;
}

const units: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

function bytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([kmgt]?)(?:i?b)?$/i.exec(text.trim());
  const unit = units[match?.[2]?.toLowerCase() ?? ''];
  return match === null || unit === undefined ? undefined : Math.floor(Number(match[1]) * unit);
}

function count(text: string): number | undefined {
  return /^\d{1,12}$/.test(text.trim()) ? Number(text) : undefined;
}

const kinds: readonly Kind[] = [
  { name: 'memory', flag: '--memory', parse: bytes, example: '512M or 2Gi' },
  { name: 'processes', flag: '--max-processes', parse: count, example: '64' },
  { name: 'cpuSeconds', flag: '--cpu-time', parse: count, example: '60 (seconds)' },
  { name: 'fileSize', flag: '--max-file-size', parse: bytes, example: '100M' },
];

/** Less than a page of memory, or none of something, would be a command that cannot start. */
const LEAST: Partial<Record<LimitName, number>> = { memory: 2 ** 20 };

function limitOf(name: LimitName, value: number | undefined): number | undefined {
  return value === undefined || value < (LEAST[name] ?? 1) || !Number.isSafeInteger(value) ? undefined : value;
}

/** How a limit of a profile is written instead, where it is none: for a message that names its place. */
export function limitExample(name: keyof WrittenLimits, written: string | number): string | undefined {
  const kind = kinds.find((one) => one.name === name);
  if (kind === undefined || limitOf(name, kind.parse(String(written))) !== undefined) return undefined;
  return kind.example;
}

/** A flag wins over the profile, whose own values were looked at when it was read. Throws NonoError 'usage' for what is no size or count. */
export function resolveLimits(profile: WrittenLimits, flags: WrittenLimits): Limits {
  const limits: Limits = {};
  for (const { name, flag, parse, example } of kinds) {
    const written = flags[name] ?? profile[name];
    if (written === undefined) continue;
    const value = limitOf(name, parse(String(written)));
    if (value === undefined)
      throw new NonoError('usage', `${flag}: '${written}' is no limit`, { hint: `for example ${flag} ${example}` });
    limits[name] = value;
  }
  return limits;
}

/** What the summary says was asked for. */
export function limitsText(limits: Limits): string | undefined {
  const mib = (value: number): string => (value % 2 ** 20 === 0 ? `${value / 2 ** 20} MiB` : `${value} bytes`);
  const parts = [
    limits.memory === undefined ? '' : `memory ${mib(limits.memory)}`,
    limits.processes === undefined ? '' : `${limits.processes} processes`,
    limits.cpuSeconds === undefined ? '' : `${limits.cpuSeconds} s of processor time each`,
    limits.fileSize === undefined ? '' : `files of ${mib(limits.fileSize)}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts.join(', ');
}
