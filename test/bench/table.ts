/** Prints tables as aligned text. */

import type { Budget } from './budgets.ts';
import { median, quantile } from './stats.ts';
import type { Row, Table } from './topic.ts';

function figure(value: number): string {
  if (!Number.isFinite(value)) return '';
  if (value === 0) return '0';
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function limitText({ of, limit, than }: Budget, unit: string): string {
  if (of === 'more') return `≤ ${than} + ${limit} ${unit}`;
  if (of === 'times') return `≤ ${limit} × ${than}`;
  return of === 'ratio' ? `≤ ${limit} ×` : `${of === 'p99' ? 'p99 ' : ''}≤ ${limit} ${unit}`;
}

/** With the design's beside it, where another took its place, and whether that is met. */
function budgetText({ budget, unit, metBefore }: Row): string {
  if (budget === undefined) return '';
  const { before } = budget;
  if (before === undefined) return limitText(budget, unit);
  const verdict = metBefore === undefined ? '' : metBefore ? ' met' : ' NOT MET';
  return `${limitText(budget, unit)} (design: ${limitText(before, unit)}${verdict})`;
}

function verdictText(row: Row): string {
  return row.met === undefined ? '' : row.met ? 'met' : 'NOT MET';
}

function cells(row: Row): string[] {
  const { samples, ratio } = row;
  return [
    row.name,
    ratio ? `${figure(ratio.median)} ×` : '',
    ratio ? `${figure(ratio.low)}–${figure(ratio.high)}` : '',
    figure(median(samples)),
    figure(samples.length > 0 ? Math.min(...samples) : Number.NaN),
    figure(quantile(samples, 0.9)),
    figure(quantile(samples, 0.99)),
    budgetText(row),
    verdictText(row),
    row.note ?? '',
  ];
}

/** One table, ready to print. */
export function formatTable(table: Table): string {
  const unit = table.rows[0]?.unit ?? '';
  const head = [
    '',
    table.base === '' ? '' : `ratio to ${table.base}`,
    'quartiles',
    `median ${unit}`,
    `min ${unit}`,
    `p90 ${unit}`,
    `p99 ${unit}`,
    'budget',
    '',
    '',
  ];
  const lines = [head, ...table.rows.map(cells)];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const text = lines.map((line) =>
    line
      .map((cell, column) =>
        column === 0 || column > 6 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return `${table.title}\n  ${text.join('\n  ')}\n`;
}

/** The budgets that were missed, one line each, for the end of the run. */
export function formatVerdict(tables: readonly Table[]): string {
  const judged = tables
    .flatMap((table) => table.rows.map((row) => ({ table, row })))
    .filter(({ row }) => row.met !== undefined);
  const missed = judged.filter(({ row }) => row.met === false);
  const lines = missed.map(({ table, row }) => {
    const got =
      row.budget?.of === 'ratio'
        ? `${figure(row.ratio?.median ?? Number.NaN)} ×`
        : `${figure(row.budget?.of === 'p99' ? quantile(row.samples, 0.99) : median(row.samples))} ${row.unit}`;
    return `  ${table.title}: ${row.name}: ${got}, budget ${budgetText(row)}`;
  });
  const eased = judged.filter(({ row }) => row.met === true && row.metBefore === false);
  for (const { table, row } of eased)
    lines.push(`  (met, but not the design’s: ${table.title}: ${row.name}: ${budgetText(row)})`);
  return `${judged.length - missed.length} of ${judged.length} budgets met${missed.length > 0 ? '; not met:' : ''}\n${lines.join('\n')}${lines.length > 0 ? '\n' : ''}`;
}
