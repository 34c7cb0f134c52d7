/** Puts its children at a rectangle of the screen, whatever is around it. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Rect } from '../src/terminal/geometry.ts';

export interface PlacedProps {
  readonly at: Rect;
  readonly children: ReactNode;
}

export function Placed({ at, children }: PlacedProps) {
  return (
    <Box position="absolute" top={at.y} left={at.x} width={at.width} height={at.height} overflow="hidden">
      {children}
    </Box>
  );
}
