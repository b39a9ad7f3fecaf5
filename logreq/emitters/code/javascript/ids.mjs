// Ids that a panel answered. Until a call is sent, they are placeholders.
const word = (value) => {
  const found = value?.$ ?? value;
  return ["string", "number"].includes(typeof found) ? String(found) : undefined;
};
const pending = () => now.dry || now.at + 1 < now.from;
const missing = (problem) => stop(now.calls[now.at], problem);

// Gives the id that the last call of a function answered.
const theId = (func) => {
  if (pending()) return `<id of ${func}>`;
  const answer = now.answers.get(`${func}`);
  const id = Buffer.isBuffer(answer) ? xmlId(answer.toString()) : word(answer?.id);
  return id || missing(`${func} answered no id`);
};

// Gives the id of the row in a list whose field has this value.
const lookup = async (list, field, value, { url = panel.url, user = "" } = {}) => {
  const row = `${list} where ${field}=${value}`;
  if (pending()) return `<id of ${row}>`;
  const common = Object.entries({ ...panel.common, out: "json" }); // whatever calls print
  const { login, over } = panel;
  const send = async () => post(url, list, [...common, ...(login ? await login(url, user) : [])]);
  const answer = await send().catch((error) => {
    if (!login || !over(url, user, error)) throw error;
    return send(); // once more, in a new session
  });
  const rows = [Array.isArray(answer) ? answer : (answer.elem ?? [])].flat();
  const found = rows.filter((one) => word(one?.[field]) === value);
  if (found.length !== 1) missing(`${found.length || "no"} ${row}`);
  return word(found[0].id) || missing(`${row} has no id`);
};
