/** The first thing in which two texts of `plannedTwice` differ, with what stands around it; empty where they are the same. */
export function difference(planner: string, node: string): string {
  if (planner === node) return '';
  // Behind the header, which begins with what is different by itself and has the sizes; there is none where nothing was kept.
  let at = 96;
  while (at < planner.length && planner[at] === node[at]) at++;
  const around = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - 120), at + 200));
  return `\nplanner ${around(planner)}\nnode    ${around(node)}`;
}
