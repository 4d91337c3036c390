// Requests to our own server: JSON both ways, the token of the session, and refusals as values.
const token = () => document.querySelector('meta[name="csrf-token"]').content;

/** A fresh number for a command: pressed twice or sent twice it counts once. */
export function commandKey() {
  return crypto.randomUUID ? crypto.randomUUID() : String(Date.now()) + Math.random().toString(16).slice(2);
}

/** `{ok, status, data}`; a network that is gone is status 0 with a sentence. */
export async function send(method, address, body, options = {}) {
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
