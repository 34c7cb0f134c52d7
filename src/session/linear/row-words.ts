/** A row as a sentence. Pure. */
import { visibleName } from '../../terminal/visible-text.ts';
import { askers, type DenialRow } from '../rows/denial-row.ts';
import { type RuleTables, ruleName, targetText, verbText } from '../rows/row-text.ts';

export function rowWords(row: DenialRow, rules: RuleTables): string {
  if (row.kind === 'startup') return `${row.count} denied during start-up`;
  const all = askers(row);
  const pids = all.map(({ pid }) => pid).join(', ');
  const parents = [...new Set(all.map(({ parentComm }) => parentComm))].map(visibleName).join(' and ');
  const who = `${visibleName(row.comm)}, process${all.length > 1 ? 'es' : ''} ${pids}, started by ${parents}`;
  const what = row.kind === 'fold' ? `${row.distinct} paths in ${targetText(row, '')}` : targetText(row, '');
  const state =
    row.holds.size > 0
      ? row.holds.size === 1
        ? 'waits'
        : `${row.holds.size} calls wait`
      : row.grant !== undefined
        ? 'was allowed'
        : `was denied, ${ruleName(row, rules)}`;
  const times = row.count > 1 ? `, ${row.count} times` : '';
  return `${verbText(row)} ${what}: ${state}${times}. ${who}`;
}
