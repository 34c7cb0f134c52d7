/** What a file says, beside the schema of its format: unknown and repeated keys, then types. Every complaint has its place. */
import * as v from 'valibot';
import type { JsoncDocument } from '../config/jsonc-document.ts';
import { NonoError } from '../platform/errors.ts';
import { checkKeys } from './check-keys.ts';
import type { SchemaNode } from './schema.ts';

export interface Format<T> {
  /** As a message begins: `a profile`, `a manifest`. */
  readonly name: string;
  readonly schema: v.GenericSchema<unknown, T>;
  readonly hint: string;
}

function issueText(issue: v.BaseIssue<unknown>, name: string): string {
  const keys = issue.path?.map((item) => String(item.key)) ?? [];
  const where = keys.length > 0 ? `'${keys.join('.')}'` : `the ${name.replace(/^an? /, '')}`;
  if (issue.type === 'max_value' || issue.type === 'min_value') {
    const { requirement } = issue as v.MaxValueIssue<number, number> | v.MinValueIssue<number, number>;
    return `${where} must be at ${issue.type === 'max_value' ? 'most' : 'least'} ${requirement}, not ${issue.received}`;
  }
  if (issue.kind === 'validation') return `${where}: ${issue.message}`;
  if (issue.received === 'undefined') return `${where} is missing`;
  const expected = (issue.expected ?? 'another value')
    .replaceAll('"', "'")
    .replace(/^\((.*)\)$/, '$1')
    .replaceAll(' | ', ' or ')
    .replace('Array', 'a list')
    .replace('Object', 'an object')
    .replace(/\b(string|number|boolean)\b/, 'a $1');
  return `${where} must be ${expected}, not ${issue.received === 'Array' ? 'a list' : issue.received.replaceAll('"', "'")}`;
}

/** Throws NonoError with file, line and column for the first thing that the format does not know. */
export function checkDocument<T>(document: JsoncDocument, { name, schema, hint }: Format<T>): T {
  if (document.root.type !== 'object') {
    throw new NonoError('profile-invalid', `${document.at(document.root.offset)}: ${name} must be one JSON object`, {
      hint: 'begin the file with {',
    });
  }
  checkKeys(document, schema as unknown as SchemaNode);
  const result = v.safeParse(schema, document.value, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  throw new NonoError('profile-invalid', `${document.locate(path)}: ${issueText(issue, name)}`, { hint });
}
