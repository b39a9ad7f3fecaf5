// Helpers of a script, for Node 18 or newer: `run` reads the command line, `call` asks the panel.
const panel = { restarts: new Map() };
// Bytes that are no UTF-8, percent-encoded.
const raw = (encoded) => ({ encoded, toString: () => encoded });
const encode = (text) => text.encoded ?? encodeURIComponent(text);

// Drives no terminal: what does not show is escaped as in JSON.
const unit = (char) => `\\u${char.charCodeAt().toString(16).padStart(4, "0")}`;
const escaped = (char) =>
  JSON.stringify(char)
    .replace(/^"|"$/g, "")
    .replace(/[^ -~]/g, unit);
const shown = (text) => String(text).replace(/(?! )[\p{C}\p{Z}]/gu, escaped);

const stop = (func, message, type = "") => {
  throw Object.assign(new Error(`${func}: ${message}`), { type });
};
// Who reads the answers may stop.
process.stdout.on("error", ({ message }) => {
  console.error(message);
  process.exit(1);
});
// As a session that is over is answered, or by a redirect.
const isPage = (text) => /^\s*(<\?xml[^>]*>\s*)?<(!doctype )?html\b/i.test(text);
const noDocument = (func, text) =>
  stop(func, `no document in the answer: ${text.slice(0, 200)}`, isPage(text) ? "session" : "");

// Throws the panel's words for an error: a message, else type and object, else a text.
const check = (func, doc) => {
  if ("authfail" in doc) stop(func, "login failed", "auth");
  if (!("error" in doc) && doc.ok !== false) return doc;
  const error = doc.error ?? doc;
  const type = error.$type && `${error.$type}(${error.$object ?? ""})`;
  const text = (error.msg?.$ ?? error.msg) || type || error.$ || error;
  return stop(func, typeof text === "string" ? text : JSON.stringify(text), error.$type);
};

// The document of an answer; its bytes in a format that is not parsed.
const read = (func, out, bytes) => {
  if (!["json", "bjson", "JSONdata"].includes(out)) return readText(func, out, bytes);
  let doc;
  try {
    doc = JSON.parse(bytes);
    if (doc.doc !== undefined) doc = doc.doc;
  } catch {} // told below
  return doc instanceof Object ? check(func, doc) : noDocument(func, bytes.toString());
};

const post = async (url, func, pairs) => {
  const body = [["func", func], ...pairs].map((pair) => pair.map(encode).join("=")).join("&");
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  const signal = AbortSignal.timeout(600_000);
  const lost = ({ cause, message }) => stop(func, cause?.message || cause?.code || message);
  const options = { method: "POST", redirect: "manual", headers, body, signal };
  const reply = await fetch(url, options).catch(lost);
  const bytes = Buffer.from(await reply.arrayBuffer().catch(lost));
  const to = reply.headers.get("location");
  const told = `HTTP status ${reply.status}${to ? ` (redirected to ${to})` : ""}`;
  if (!reply.ok) stop(func, told, reply.status < 400 ? "session" : "");
  return read(func, Object.fromEntries(pairs).out ?? "", bytes);
};

// Sends a call, prints its answer and gives it. `pairs`: an object, or a list where names repeat.
const call = async (func, pairs = {}, { url = panel.url, user = "" } = {}) => {
  const own = Array.isArray(pairs) ? pairs : Object.entries(pairs);
  const missing = ([key]) => !own.some(([name]) => name === key);
  const common = Object.entries(panel.common).filter(missing);
  const { login, over } = panel;
  const send = async () =>
    post(url, func, [...own, ...common, ...(login ? await login(url, user) : [])]);
  const answer = await send().catch((error) => {
    if (!login || !over(url, user, error)) throw error;
    return send(); // once more, in a new session
  });
  const bytes = Buffer.isBuffer(answer);
  if (bytes) process.stdout.write(process.stdout.isTTY ? shownLines(answer) : answer);
  else console.log(shown(JSON.stringify(answer)));
  console.error(shown(`${func}: ok`));
  const ok = bytes ? /^OK restart\b|<ok>restart</.test(answer) && "restart" : answer.ok;
  if ((ok?.$ ?? ok) === "restart") panel.restarts.set(`${url} ${user}`, { url, user });
  return answer;
};

// Ends a run for want of a variable; Node reads bytes that are no UTF-8 as U+FFFD.
const needed = (name) => {
  if (!process.env[name]) throw new Error(`${name} is not set`);
  if (process.env[name].includes("\ufffd")) throw new Error(`${name} is not UTF-8`);
};

// Gives the address of a panel, whose name is appended unless the URL has a path of its own.
const address = (url, name) =>
  name && /^\w+:\/\/[^/]+(.*\/(manager)?)?$/.test(url) ? `${url.replace(/\/$/, "")}/${name}` : url;

const help = ({ options, variables }) => [
  "--insecure, -k: do not check the panel's certificate",
  "--restart: restart the panel's web server where an answer asks for it",
  ...Object.entries(options).map(([name, value]) => `--${name} VALUE: ${value} unless given`),
  ...Object.entries(variables).map(([name, meaning]) => `environment ${name}: ${meaning}`),
];
