/** Deeper levels are not indented further: a hostile message would make its text grow without bound. */
const kDeepest = 24;
/** Texts, and what stands between them: brackets, commas, colons, numbers and words. */
const kTokens = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Indents JSON; any other text stays. The tokens stay as they were sent, doubled names and huge numbers too, because
 * they may be what was wrong.
 */
export function prettyPayload(text: string): string {
  if (!isJson(text)) return text;
  const tokens = text.match(kTokens) ?? [];
  const line = (depth: number) => `\n${'  '.repeat(Math.min(depth, kDeepest))}`;
  let depth = 0;
  let before = '';
  let result = '';
  for (const token of tokens) {
    const opened = before === '{' || before === '[';
    const closes = token === '}' || token === ']';
    if (closes) depth -= 1;
    if (closes ? !opened : opened || before === ',') result += line(depth);
    if (before === ':') result += ' ';
    result += token;
    if (token === '{' || token === '[') depth += 1;
    before = token;
  }
  return result;
}
