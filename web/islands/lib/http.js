// Requests to our own server: JSON both ways, the token of the session, and refusals as values.
const meta = (name) => document.querySelector(`meta[name="${name}"]`);
const token = () => meta("csrf-token").content;

/** A fresh number for a command: pressed twice or sent twice it counts once. */
export function commandKey() {
  return crypto.randomUUID ? crypto.randomUUID() : String(Date.now()) + Math.random().toString(16).slice(2);
}

/** `{ok, status, data}`; a network that is gone is status 0 with a sentence. */
export async function send(method, address, body, options = {}) {
  const answer = await sendOnce(method, address, body, options);
  // somebody signed in again in another window: the page goes on with the new session's token
  return answer.status === 403 && (await renewToken()) ? sendOnce(method, address, body, options) : answer;
}

/** Take over the token of the present session, if it is the same person's and another token. */
async function renewToken() {
  const answer = await sendOnce("GET", "/account");
  if (!answer.ok || answer.data.id !== meta("person")?.content || answer.data.csrf === token()) return false;
  meta("csrf-token").content = answer.data.csrf;
  return true;
}

async function sendOnce(method, address, body, options = {}) {
  const headers = { Accept: "application/json", "X-CSRF-Token": token() };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (options.key) headers["Idempotency-Key"] = options.key;
  try {
    const answer = await fetch(address, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      keepalive: options.keepalive ?? false,
      credentials: "same-origin",
    });
    const data = await answer.json().catch(() => ({}));
    return { ok: answer.ok, status: answer.status, data };
  } catch {
    return { ok: false, status: 0, data: { error: "网络不通，没有提交成功。您填写的内容仍在页面上，请稍后再试。" } };
  }
}
