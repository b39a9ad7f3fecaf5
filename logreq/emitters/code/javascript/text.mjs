// Answers that are not parsed, but for an error at their head.
const xmlHead =
  /^\s*(?:<\?[^>]*>\s*)?<doc\b[^>]*>\s*(?:<metadata\b(?:[^>]*\/>|[^]*?<\/metadata>))?/;
const entities = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
const unescaped = (xml) => xml?.replace(/&(lt|gt|quot|apos|amp);/g, (_, name) => entities[name]);

// An error as JSON has it.
const element = (xml) => {
  const [, begin, text, inner] = xml.match(/^<\w+([^>]*)>([^<]*)([^]*)/);
  const found = [...begin.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)];
  const pairs = found.map(([, name, one, two]) => [`$${name}`, unescaped(one ?? two)]);
  const msg = unescaped(inner.match(/^<msg\b[^>]*>([^<]*)/)?.[1]);
  return { ...Object.fromEntries(pairs), $: unescaped(text.trim()) || undefined, msg };
};

const shownLines = (bytes) => bytes.toString().split("\n").map(shown).join("\n");

const readText = (func, out, bytes) => {
  const text = bytes.toString();
  const rest = text.replace(xmlHead, "").trimStart();
  const name = xmlHead.test(text) && rest.match(/^<(error|authfail)\b/)?.[1];
  if (name) check(func, { [name]: element(rest) });
  const error = text.match(/^ERROR (?: *(\w+(?:\([^)\n]*\)|(?=:))):?)? *([^\n]*)/);
  if (error) stop(func, error[2] || error[1] || text.slice(0, 200), error[1]);
  const xml = out === "xml" || out === "devel";
  if (xml && !xmlHead.test(text)) noDocument(func, text);
  if (out && isPage(text)) noDocument(func, text);
  let doc;
  try {
    doc = JSON.parse(text);
  } catch {} // no error of a panel
  if (doc instanceof Object) check(func, doc.doc instanceof Object ? doc.doc : doc);
  return bytes;
};
