/** JSONC text with positions, so that every complaint about a file can say line and column. */
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { NonoError } from '../platform/errors.ts';

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

function position(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return `${line}:${offset - (before.lastIndexOf('\n') + 1) + 1}`;
}

/** Parses JSON with comments and trailing commas. A syntax error or an empty file is a NonoError with its position. */
export function parseJsonc(text: string, file: string): JsoncDocument {
  const at = (offset: number): string => `${file}:${position(text, offset)}`;
  const fail = (where: string, what: string): never => {
    throw new NonoError('profile-invalid', `${where}: ${what}`, {
      hint: 'correct the file; it must be one JSON object',
    });
  };
  if (text.trim() === '') fail(`${file}:1:1`, 'the file is empty');
  const errors: ParseError[] = [];
  let root: Node | undefined;
  try {
    root = parseTree(text, errors, { allowTrailingComma: true });
  } catch {
    fail(`${file}:1:1`, 'values are nested too deeply');
  }
  const first = errors[0];
  if (first) fail(at(first.offset), syntaxMessages[printParseErrorCode(first.error)] ?? 'not valid JSON');
  if (root === undefined) return fail(`${file}:1:1`, 'there is no value in the file');
  const tree = root;
  return {
    file,
    text,
    root: tree,
    value: getNodeValue(tree),
    at,
    locate: (path) => {
      for (let n = path.length; n >= 0; n--) {
        const node = findNodeAtLocation(tree, path.slice(0, n));
        if (node) return at(node.offset);
      }
      return at(tree.offset);
    },
  };
}
