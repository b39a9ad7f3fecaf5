// Sessions, one for each address and user.
const sessions = new Map();

// Gives the pairs that calls need; a user is logged in by a one-time key.
const login = async (url, user) => {
  const known = sessions.get(`${url} ${user}`);
  if (known) return Object.assign(known, { old: true });
  const { PANEL_USER: name, PANEL_PASSWORD: password } = process.env;
  const out = ["out", "json"];
  let pairs = [["username", name], ["password", password]]; // prettier-ignore
  if (user) {
    const { randomBytes } = await import("node:crypto");
    pairs = [["username", user], ["key", randomBytes(16).toString("hex")]]; // prettier-ignore
    await post(url, "session.newkey", [...pairs, out, ["authinfo", `${name}:${password}`]]);
    pairs.push(["checkcookie", "no"]);
  }
  const { auth } = await post(url, "auth", [...pairs, out]);
  const id = auth?.$id ?? auth?.$ ?? auth?.id ?? auth;
  if (typeof id !== "string") stop("auth", "no session in the answer");
  sessions.set(`${url} ${user}`, [["auth", id]]);
  return [["auth", id]];
};

// Tells whether a call failed for want of a session, and forgets that one, unless it is new.
const over = (url, user, { type }) =>
  /^(auth|sess|access)/.test(type) &&
  sessions.get(`${url} ${user}`)?.old &&
  sessions.delete(`${url} ${user}`);
