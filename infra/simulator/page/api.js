// The control API and the live feed.

export async function ask(method, path, body, headers = {}) {
  const raw = body instanceof Blob;
  const options = { method, headers };
  if (body !== undefined) {
    options.body = raw ? body : JSON.stringify(body);
    options.headers = raw ? headers : { "Content-Type": "application/json", ...headers };
  }
  let answer;
  try {
    answer = await fetch(`/_simulator/${path}`, options);
  } catch {
    throw new Error("The simulator does not answer.");
  }
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(found.error ?? `The simulator answered ${answer.status}.`);
  return found;
}

const of = (key) => `people/${encodeURIComponent(key)}`;

export const people = () => ask("GET", "people");
export const addPerson = (person) => ask("POST", "people", person);
export const messages = (key) => ask("GET", `${of(key)}/messages`);
export const send = (key, message) => ask("POST", `${of(key)}/messages`, message);
export const silence = (key, hours) => ask("POST", `${of(key)}/silent`, { hours });
export const state = () => ask("GET", "state");
export const addFault = (fault) => ask("POST", "faults", fault);
export const refuse = (seconds) => ask("POST", "refuse", { seconds });
export const clearFault = (id) => ask("DELETE", `faults/${id}`);
export const clearFaults = () => ask("DELETE", "faults");

export function sendFile(key, file, { caption = "", filename = "" } = {}) {
  const query = new URLSearchParams({ caption, filename });
  return ask("POST", `${of(key)}/media?${query}`, file, { "Content-Type": file.type || "application/octet-stream" });
}

// Calls take(event) for each event; open() each time the feed starts, closed() when it breaks off.
export function follow({ take, open, closed }) {
  const source = new EventSource("/_simulator/feed");
  source.onmessage = (event) => take(JSON.parse(event.data));
  source.onopen = open;
  source.onerror = closed;
  return source;
}
