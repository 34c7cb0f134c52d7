/** Commands that take the same flags. */

export const sandboxed = ['run', 'shell', 'wrap'] as const;
/** `why` answers for the same flags. */
export const deciding = [...sandboxed, 'why'] as const;
