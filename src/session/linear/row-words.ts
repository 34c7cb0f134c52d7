/** A row as a sentence. Pure. */
import { visibleName } from '../../terminal/visible-text.ts';
import type { DenialRow } from '../denial-row.ts';
import { type RuleTables, ruleName, targetText, verbText } from '../row-text.ts';

export function rowWords(row: DenialRow, rules: RuleTables): string {
  if (row.kind === 'startup') return `${row.count} denied during start-up`;
  const who = `${visibleName(row.comm)}, process ${row.pid}, started by ${visibleName(row.parentComm)}`;
  const what = row.kind === 'fold' ? `${row.distinct} paths in ${targetText(row, '')}` : targetText(row, '');
  const state =
    row.holds.size > 0 ? 'waits' : row.grant !== undefined ? 'was allowed' : `was denied, ${ruleName(row, rules)}`;
  const times = row.count > 1 ? `, ${row.count} times` : '';
  return `${verbText(row)} ${what}: ${state}${times}. ${who}`;
}
