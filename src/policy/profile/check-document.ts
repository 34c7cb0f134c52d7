/** What a file says, beside the schema of its format: unknown and repeated keys, then types. Every complaint has its place. */
import * as v from 'valibot';
import { type JsoncDocument, without } from '../../config/jsonc-document.ts';
import { NonoError } from '../../platform/errors.ts';
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
  if (issue.type === 'integer') return `${where} must be a whole number, not ${issue.received}`;
  if (issue.kind === 'validation') return `${where}: ${issue.message}`;
  if (issue.received === 'undefined') return `${where} is missing`;
  const expected = (issue.expected ?? 'another value')
    .replaceAll('"', "'")
    .replace(/^\((.*)\)$/, '$1')
    .replaceAll(' | ', ' or ')
    .replace('Array', 'a list')
    .replace('Object', 'an object')
    .replace(/\b(string|number|boolean)\b/, 'a $1');
  return `${where} must be ${expected}, not ${receivedText(issue)}`;
}

function receivedText({ input, received }: v.BaseIssue<unknown>): string {
  if (Array.isArray(input)) return 'a list';
  // The parser's objects have no class to be named by.
  return typeof input === 'object' && input !== null ? 'an object' : received.replaceAll('"', "'");
}

/** Complains, with file, line and column, of whatever the format does not know. Where that is collected, the rest of the file is the answer. */
export function checkDocument<T>(document: JsoncDocument, { name, schema, hint }: Format<T>): T {
  if (document.root.type !== 'object') {
    throw new NonoError('profile-invalid', `${document.at(document.root.offset)}: ${name} must be one JSON object`, {
      hint: 'begin the file with {',
    });
  }
  checkKeys(document, schema as unknown as SchemaNode);
  for (let left = without(document, []); ; ) {
    const result = v.safeParse(schema, left.value);
    if (result.success) return result.output;
    const paths = result.issues.map((issue) => (issue.path ?? []).map((item) => item.key as string | number));
    for (const [i, issue] of result.issues.entries()) {
      const where = document.locate(paths[i] as (string | number)[]);
      const problem = new NonoError('profile-invalid', `${where}: ${issueText(issue, name)}`, { hint });
      // With nothing left to take out, there is nothing to read on with.
      if (document.root.children?.length === 0) throw problem;
      document.complain(problem);
    }
    left = without(left, paths);
  }
}
