/** Values of the flags of session commands. Pure. */
import { NonoError } from '../../platform/errors.ts';

function wrong(flag: string, text: string, wanted: string): NonoError {
  return new NonoError('usage', `${flag}: '${text}' is not ${wanted}`);
}

const MOST = 1_000_000_000;

export function countOf(flag: string, text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(count <= MOST)) throw wrong(flag, text, 'a whole number');
  return count;
}

export function secondsOf(flag: string, text: string): number {
  const seconds = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds <= 86_400)) throw wrong(flag, text, 'a number of seconds, at most a day');
  return seconds;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `30m`, `12h`, `7d`; a number alone is days, as in the original. In milliseconds. */
export function ageOf(flag: string, text: string): number {
  const [, count, unit = 'd'] = /^(\d{1,9})([smhdw])?$/.exec(text) ?? [];
  if (count === undefined) throw wrong(flag, text, 'an age (30m, 12h, 7d)');
  return Number(count) * (UNITS[unit] as number) * 1000;
}

/** `just now`, `5m`, `3h`, `2d`. */
export function agoText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
