/** The first row: what runs, under which profile, and what became of it so far. */
import { Box } from 'ink';
import type { ChromeModel, Color } from '../src/session/screen/chrome-model.ts';
import { Spans } from './spans.tsx';

export interface TitleBarProps {
  readonly title: ChromeModel['title'];
  readonly width: number;
  readonly color: Color;
  readonly ascii: boolean;
}

export function TitleBar({ title, width, color, ascii }: TitleBarProps) {
  return (
    <Box width={width} height={1} paddingX={1} justifyContent="space-between" overflow="hidden">
      <Box flexShrink={1} overflow="hidden">
        <Spans line={title.left} color={color} ascii={ascii} />
      </Box>
      <Box flexShrink={0} marginLeft={1}>
        <Spans line={title.right} color={color} ascii={ascii} />
      </Box>
    </Box>
  );
}
