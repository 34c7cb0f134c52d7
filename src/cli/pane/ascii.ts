/** Whether the chrome keeps to ASCII: by flag, by the settings, because the locale is not UTF-8, or because the font of the Linux console has neither round corners nor an ellipsis (cp437.uni of the
 * kernel; what is missing is shown as a black square). */
export function wantsAscii(flag: boolean, setting: boolean | undefined, env: NodeJS.ProcessEnv): boolean {
  if (flag || setting === true || !/utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '')) return true;
  return env['TERM'] === 'linux' && setting !== false;
}
