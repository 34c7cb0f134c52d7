/** JSONC text with positions, so that every complaint about a file can say line and column. */
import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { NonoError } from '../platform/errors.ts';
import { type Complain, thrown } from './complain.ts';

export type JsonPath = readonly (string | number)[];

export interface JsoncDocument {
  readonly file: string;
  readonly text: string;
  readonly root: Node;
  readonly value: unknown;
  /** `file:line:column` of an offset. */
  at(offset: number): string;
  /** `file:line:column` of the value at a path, or of the nearest value around it. */
  locate(path: JsonPath): string;
  /** For what is wrong. Does not return, unless somebody collects. */
  readonly complain: Complain;
}

/** By the names that printParseErrorCode gives. */
const syntaxMessages: Readonly<Record<string, string>> = {
  InvalidSymbol: 'a word that is not JSON',
  InvalidNumberFormat: 'a malformed number',
  PropertyNameExpected: 'a key in double quotes is missing',
  ValueExpected: 'a value is missing',
  ColonExpected: 'a colon is missing',
  CommaExpected: 'a comma is missing',
  CloseBraceExpected: "a closing '}' is missing",
  CloseBracketExpected: "a closing ']' is missing",
  EndOfFileExpected: 'something follows the end of the object',
  InvalidCommentToken: 'a comment that is not // or /* */',
  UnexpectedEndOfComment: 'a comment is not closed',
  UnexpectedEndOfString: 'a string is not closed',
  UnexpectedEndOfNumber: 'a number is cut off',
  InvalidUnicode: 'a malformed \\u escape',
  InvalidEscapeCharacter: 'a malformed escape in a string',
  InvalidCharacter: 'a control character inside a string',
};

/** `line:column` of offsets. Every entry of a list is asked for, so the lines are found once. */
function positions(text: string): (offset: number) => string {
  let starts: number[] | undefined;
  return (offset) => {
    if (starts === undefined) {
      starts = [0];
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    }
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return `${low + 1}:${offset - (starts[low] as number) + 1}`;
  };
}

/** Of each line the first error: what follows on it is mostly the parser finding its way back. */
function firstOfLines(errors: readonly ParseError[], text: string): readonly ParseError[] {
  return errors.filter((one, i) => {
    const before = errors[i - 1];
    return before === undefined || text.slice(before.offset, one.offset).includes('\n');
  });
}

/** Parses JSON with comments and trailing commas. A syntax error or an empty file is a NonoError with its position. */
export function parseJsonc(text: string, file: string, complain: Complain = thrown): JsoncDocument {
  const position = positions(text);
  const at = (offset: number): string => `${file}:${position(offset)}`;
  const problem = (where: string, what: string): NonoError =>
    new NonoError('profile-invalid', `${where}: ${what}`, { hint: 'correct the file; it must be one JSON object' });
  const fail = (where: string, what: string): never => {
    throw problem(where, what);
  };
  if (text.trim() === '') fail(`${file}:1:1`, 'the file is empty');
  const errors: ParseError[] = [];
  let root: Node | undefined;
  try {
    root = parseTree(text, errors, { allowTrailingComma: true });
  } catch {
    fail(`${file}:1:1`, 'values are nested too deeply');
  }
  const wrong = firstOfLines(errors, text).map((one) =>
    problem(at(one.offset), syntaxMessages[printParseErrorCode(one.error)] ?? 'not valid JSON'),
  );
  const last = wrong.pop();
  for (const error of wrong) complain(error);
  // What the file means cannot be said.
  if (last) throw last;
  if (root === undefined) return fail(`${file}:1:1`, 'there is no value in the file');
  const tree = root;
  return {
    file,
    text,
    root: tree,
    value: getNodeValue(tree),
    at,
    locate: (path) => at(nearestNode(tree, path).offset),
    complain,
  };
}

/** The values of an object by key, the first of each. Kept while the children are the same: a map of variables can have a hundred thousand, and each is asked for. */
const indexes = new WeakMap<readonly Node[], ReadonlyMap<unknown, Node>>();

function childAt(node: Node, key: string | number): Node | undefined {
  const children = node.children ?? [];
  if (node.type === 'array') return typeof key === 'number' ? children[key] : undefined;
  if (node.type !== 'object') return undefined;
  let index = indexes.get(children);
  if (index === undefined) {
    const pairs = children.flatMap(({ children: [name, value] = [] }) =>
      name !== undefined && value !== undefined ? [[name.value, value] as const] : [],
    );
    index = new Map(pairs.reverse());
    indexes.set(children, index);
  }
  return index.get(key);
}

function nearestNode(tree: Node, path: JsonPath): Node {
  let node = tree;
  for (const key of path) {
    const next = childAt(node, key);
    if (next === undefined) break;
    node = next;
  }
  return node;
}

/** The parser's tree is ours: what is taken out of it keeps every other place. */
export function keepChildren(node: Node, keep: (child: Node) => boolean): void {
  Object.assign(node, { children: (node.children ?? []).filter(keep) });
}

/**
 * The document without the values at these paths, or where one is missing without what should hold it: for reading on after a complaint. Everything else keeps its
 * place in the file.
 */
export function without(document: JsoncDocument, paths: readonly JsonPath[]): JsoncDocument {
  const { root } = document;
  const gone = new Set<Node>();
  const around = new Set<Node>();
  for (const node of new Set(paths.map((path) => nearestNode(root, path)))) {
    const entry = node.parent?.type === 'property' ? node.parent : node;
    gone.add(entry);
    around.add(entry.parent ?? root);
  }
  for (const node of around) keepChildren(node, (one) => !gone.has(one) && !gone.has(node));
  return { ...document, value: getNodeValue(root) };
}
