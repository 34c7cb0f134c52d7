/** Refuses keys that mean nothing or mean two things: a misspelt `deny` that is silently ignored is an open door. */
import type { Node } from 'jsonc-parser';
import { type JsoncDocument, keepChildren } from '../../config/jsonc-document.ts';
import { nearest } from '../../config/nearest.ts';
import { NonoError } from '../../platform/errors.ts';
import { type SchemaNode, type Shape, shapeOf } from './schema.ts';

function keysOf(node: Node): { key: string; offset: number; value: Node | undefined; property: Node }[] {
  return (node.children ?? []).map((property) => {
    const [key, value] = property.children ?? [];
    return { key: String(key?.value), offset: key?.offset ?? property.offset, value, property };
  });
}

/** More would be no line any more that somebody reads. */
const MOST_NAMED = 16;

/** The place of a key that belongs to another section. */
function elsewhere(key: string, schema: SchemaNode): string | undefined {
  const root = shapeOf(schema);
  if (root.kind !== 'object') return undefined;
  for (const [section, inner] of Object.entries(root.entries)) {
    const shape = shapeOf(inner);
    if (shape.kind === 'object' && Object.hasOwn(shape.entries, key)) return `${section}.${key}`;
  }
  return undefined;
}

function unknownKey(where: string, key: string, dotted: string, known: readonly string[], root: SchemaNode): NonoError {
  const meant = nearest(key, known) ?? elsewhere(key, root);
  return new NonoError('profile-invalid', `${where}: unknown key '${dotted}'`, {
    hint: meant
      ? `did you mean '${meant}'?`
      : known.length <= MOST_NAMED
        ? `known keys here: ${known.join(', ')}`
        : `no known key is near it; \`nono profile guide\` names the keys`,
  });
}

/** Names that no map of a profile keeps: what was written under one would be ignored without a word. */
const lostNames: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor']);

function lostName(where: string, dotted: string): NonoError {
  return new NonoError('profile-invalid', `${where}: '${dotted}' cannot be a name here`, { hint: 'take another name' });
}

/** Walks the file beside the schema and complains of unknown and repeated keys, with their positions. Of repeated ones the first is left in the tree. */
export function checkKeys(document: JsoncDocument, root: SchemaNode): void {
  const walk = (node: Node, shape: Shape, prefix: string): void => {
    if (node.type === 'array' && shape.kind === 'each') {
      for (const item of node.children ?? []) walk(item, shapeOf(shape.value), prefix);
      return;
    }
    if (node.type !== 'object') return;
    const seen = new Map<string, number>();
    const repeated = new Set<Node>();
    for (const { key, offset, value, property } of keysOf(node)) {
      const dotted = prefix === '' ? key : `${prefix}.${key}`;
      const where = document.at(offset);
      const before = seen.get(key);
      if (before !== undefined) {
        document.complain(
          new NonoError('profile-invalid', `${where}: '${dotted}' appears twice, first at ${document.at(before)}`, {
            hint: 'merge the two into one',
          }),
        );
        repeated.add(property);
        continue;
      }
      seen.set(key, offset);
      if (shape.kind === 'each' && lostNames.has(key)) {
        document.complain(lostName(where, dotted));
        continue;
      }
      if (shape.kind === 'object' && !Object.hasOwn(shape.entries, key)) {
        document.complain(unknownKey(where, key, dotted, Object.keys(shape.entries), root));
        continue;
      }
      const inner = shape.kind === 'object' ? shape.entries[key] : shape.kind === 'each' ? shape.value : undefined;
      if (value && inner) walk(value, shapeOf(inner), dotted);
    }
    if (repeated.size > 0) keepChildren(node, (one) => !repeated.has(one));
  };
  walk(document.root, shapeOf(root), '');
}
