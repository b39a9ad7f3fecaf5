// Gives the text of `id` where it is a child of `doc`.
const xmlId = (xml) => {
  const plain = xml.replace(/<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>/g, "");
  const tag = /<(\/?)([^\s<>\/!?]+)(?:"[^"]*"|'[^']*'|[^"'<>])*?(\/?)>([^<]*)/g;
  let depth = 0;
  for (const [, close, name, empty, text] of plain.matchAll(tag)) {
    if (name === "id" && depth === 1 && !close) return unescaped(text);
    if (!empty) depth += close ? -1 : 1;
  }
  return "";
};
