// The line of a file that an error is about, with a marker below it; of a long line the part around.

/** Characters before the marker, and half as many behind it. */
const LONGEST = 100;

/** @param line the number and @param column both from 1; beyond the text's end the marker stands behind it. */
export function excerptOf(text: string, line: number, column: number): string {
  const gutter = `  ${line} | `;
  const at = Math.min(column - 1, text.length);
  const start = Math.max(0, at - LONGEST);
  const end = start + LONGEST + LONGEST / 2;
  const before = start > 0 ? '…' : '';
  const shown = `${before}${text.slice(start, end)}${end < text.length ? '…' : ''}`;
  return `${gutter}${shown}\n${' '.repeat(gutter.length + before.length + at - start)}^`;
}

/** What a parser of YAML says is wrong; where its stack is full it names that, and not what the file has too much of. */
export function yamlMessage(message: string): string {
  return message.replace('Maximum call stack size exceeded', 'is nested too deeply');
}
