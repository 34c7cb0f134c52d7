/** One line of toned text. */
import { Text } from 'ink';
import type { Color, Line } from '../src/session/screen/chrome-model.ts';
import { look, plainGlyphs } from './theme.ts';

export interface SpansProps {
  readonly line: Line;
  readonly color: Color;
  readonly ascii: boolean;
}

export function Spans({ line, color, ascii }: SpansProps) {
  return (
    <Text wrap="truncate">
      {line.map((span, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the spans of a line have no other identity
        <Text key={i} {...look(span.tone, color)}>
          {plainGlyphs(span.text, ascii)}
        </Text>
      ))}
    </Text>
  );
}
