/**
 * Edits lists in JSONC text without touching anything else: comments stay beside the entry they were written for, order and layout stay.
 * (jsonc-parser's own `modify` puts a new last entry before the comment of the old one, and eats comments when it removes.)
 */
import { createScanner, findNodeAtLocation, type Node, parseTree } from 'jsonc-parser';
import type { JsonPath } from './jsonc-document.ts';

/** One entry of a list of strings or numbers, by the path of the list. */
export interface ListChange {
  readonly op: 'add' | 'remove';
  readonly list: JsonPath;
  readonly entry: string | number;
}

/** The change that takes this one back. */
export function inverse(change: ListChange): ListChange {
  return { ...change, op: change.op === 'add' ? 'remove' : 'add' };
}

/** Applies changes in order. The text must be a JSON object; lists and the objects around them are made where they are missing. */
export function applyListChanges(text: string, changes: readonly ListChange[]): string {
  return changes.reduce((result, change) => (change.op === 'add' ? add(result, change) : remove(result, change)), text);
}

interface Cut {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const commentTokens: ReadonlySet<number> = new Set([12, 13]);
const commaToken = 5;
const triviaTokens: ReadonlySet<number> = new Set([12, 13, 14, 15]);

function edit(text: string, cuts: readonly Cut[]): string {
  let result = text;
  for (const cut of [...cuts].sort((a, b) => b.start - a.start)) {
    result = result.slice(0, cut.start) + cut.text + result.slice(cut.end);
  }
  return result;
}

/** From `from` on: the comma, if one comes next, and where the last comment before the next real token ends. */
function trailing(text: string, from: number): { comma: number | undefined; end: number } {
  const scanner = createScanner(text, false);
  scanner.setPosition(from);
  let comma: number | undefined;
  let end = from;
  for (;;) {
    const token: number = scanner.scan();
    if (token === commaToken && comma === undefined) comma = scanner.getTokenOffset();
    else if (!triviaTokens.has(token)) return { comma, end };
    if (token === commaToken || commentTokens.has(token)) end = scanner.getTokenOffset() + scanner.getTokenLength();
  }
}

function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? '';
}

/** How this file indents one level. */
function indentUnit(text: string, root: Node): string {
  const first = root.children?.[0];
  if (first === undefined || !text.slice(root.offset, first.offset).includes('\n')) return '  ';
  return indentAt(text, first.offset).slice(indentAt(text, root.offset).length);
}

function render(value: unknown, indent: string, unit: string, eol: string): string {
  return JSON.stringify(value, null, unit === '' ? undefined : unit).replaceAll('\n', eol + indent);
}

/** Puts one more child, already rendered for its indent, at the end of an object or list. */
function append(text: string, container: Node, child: (indent: string) => string, unit: string, eol: string): string {
  const last = container.children?.at(-1);
  const close = container.offset + container.length - 1;
  if (last === undefined) {
    const outer = indentAt(text, container.offset);
    const { end } = trailing(text, container.offset + 1);
    return edit(text, [{ start: end, end: close, text: `${eol}${outer}${unit}${child(outer + unit)}${eol}${outer}` }]);
  }
  const lastEnd = last.offset + last.length;
  const { comma, end } = trailing(text, lastEnd);
  const first = container.children?.[0] as Node;
  if (!text.slice(container.offset, first.offset).includes('\n')) {
    return edit(text, [{ start: lastEnd, end: lastEnd, text: `, ${child(indentAt(text, container.offset))}` }]);
  }
  const indent = indentAt(text, last.offset);
  const added = { start: end, end, text: `${eol}${indent}${child(indent)}${comma === undefined ? '' : ','}` };
  return comma === undefined && end === lastEnd
    ? edit(text, [{ ...added, text: `,${added.text}` }])
    : edit(text, comma === undefined ? [{ start: lastEnd, end: lastEnd, text: ',' }, added] : [added]);
}

function parse(text: string): Node {
  const root = parseTree(text, [], { allowTrailingComma: true });
  if (root?.type !== 'object') throw new Error('not a JSON object');
  return root;
}

function add(text: string, change: ListChange): string {
  const root = parse(text);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const unit = indentUnit(text, root);
  const list = findNodeAtLocation(root, [...change.list]);
  if (list) {
    if (list.children?.some((child) => child.value === change.entry)) return text;
    return append(text, list, () => JSON.stringify(change.entry), unit, eol);
  }
  // The deepest object that is there takes what is missing below it.
  let depth = change.list.length - 1;
  let parent = findNodeAtLocation(root, change.list.slice(0, depth));
  while (parent === undefined && depth > 0) parent = findNodeAtLocation(root, change.list.slice(0, --depth));
  const [key, ...rest] = change.list.slice(depth);
  const value = rest.reduceRight<unknown>((inner, name) => ({ [name]: inner }), [change.entry]);
  const property = (indent: string): string => `${JSON.stringify(key)}: ${render(value, indent, unit || '  ', eol)}`;
  return append(text, parent ?? root, property, unit, eol);
}

function remove(text: string, change: ListChange): string {
  const list = findNodeAtLocation(parse(text), [...change.list]);
  const children = list?.children ?? [];
  const index = children.findIndex((child) => child.value === change.entry);
  const node = children[index];
  if (node === undefined) return text;
  const before = children[index - 1];
  const after = trailing(text, node.offset + node.length).comma;
  const end = node.offset + node.length;
  if (after !== undefined) {
    const edited = edit(text, [
      { start: node.offset, end, text: '' },
      { start: after, end: after + 1, text: '' },
    ]);
    return withoutBlankLine(edited, node.offset);
  }
  const comma = before && trailing(text, before.offset + before.length).comma;
  if (comma === undefined) return withoutBlankLine(edit(text, [{ start: node.offset, end, text: '' }]), node.offset);
  // Nothing follows: the comma in front goes, and with it the space between the two.
  if (text.slice(comma + 1, node.offset).trim() === '' && !text.slice(comma, node.offset).includes('\n')) {
    return edit(text, [{ start: comma, end, text: '' }]);
  }
  const edited = edit(text, [
    { start: comma, end: comma + 1, text: '' },
    { start: node.offset, end, text: '' },
  ]);
  return withoutBlankLine(edited, node.offset - 1);
}

/** Drops the line around `at` if only white space is left of it, or the space that a removed entry leaves within one. */
function withoutBlankLine(text: string, at: number): string {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const newline = text.indexOf('\n', at);
  const end = newline === -1 ? text.length : newline + 1;
  if (text.slice(start, end).trim() === '') return text.slice(0, start) + text.slice(end);
  const lead = text[at - 1] === ' ' || text[at - 1] === '[';
  return lead && text[at] === ' ' ? text.slice(0, at) + text.slice(at + 1) : text;
}
