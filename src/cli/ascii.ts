/** Whether the chrome keeps to ASCII: by flag, by the settings, or because the locale is not UTF-8. */
export function wantsAscii(wished: readonly (boolean | undefined)[], env: NodeJS.ProcessEnv): boolean {
  return wished.includes(true) || !/utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '');
}
