// Sheets that rise inside one phone, and leave the others alone: focus stays within, Escape closes.
import { el, icon, iconButton } from "./dom.js";

export function openSheet(phone, title, ...children) {
  const before = document.activeElement;
  const heading = `sheet-${Math.random().toString(36).slice(2)}`;
  const behind = [...phone.children];
  const close = () => {
    back.remove();
    for (const element of behind) element.inert = false;
    before?.focus?.();
  };
  const sheet = el("section", { class: "sheet", role: "dialog", "aria-modal": "true", "aria-labelledby": heading },
    el("div", { class: "sheet-head" }, el("h2", { id: heading }, title), iconButton("close", "Close", close)),
    el("div", { class: "sheet-body" }, ...children));
  const back = el("div", {
    class: "sheet-back",
    onclick: (event) => event.target === back && close(),
    onkeydown: (event) => keys(event, sheet, close),
  }, sheet);
  for (const element of behind) element.inert = true;
  phone.append(back);
  (sheet.querySelector(".sheet-body button, .sheet-body input") ?? sheet.querySelector("button")).focus({ focusVisible: false });
  return close;
}

function keys(event, sheet, close) {
  const stops = [...sheet.querySelectorAll("button, input, a[href]")].filter((found) => !found.disabled && found.offsetParent);
  const at = stops.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") close();
  else if (event.key === "Tab" && event.shiftKey && at <= 0) stops.at(-1).focus();
  else if (event.key === "Tab" && !event.shiftKey && at === stops.length - 1) stops[0].focus();
  else if (step && document.activeElement?.tagName !== "INPUT") stops[(at + step + stops.length) % stops.length].focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

export function row({ name, title, description, knob, onclick }) {
  return el("button", { type: "button", class: "row", onclick },
    name && el("span", { class: "disc" }, icon(name)),
    el("span", { class: "text" }, el("b", {}, title), description && el("small", {}, description)),
    knob && el("span", { class: "knob", "aria-hidden": "true" }));
}

export function listSheet(phone, message, tap) {
  const action = message.content.action;
  const children = [];
  for (const section of action.sections) {
    if (section.title) children.push(el("h3", {}, section.title));
    for (const choice of section.rows) {
      const onclick = () => { close(); tap({ kind: "row", ...choice }); };
      children.push(row({ title: choice.title, description: choice.description, knob: true, onclick }));
    }
  }
  const close = openSheet(phone, action.button, ...children);
}

export function placeSheet(phone, places, share) {
  const wrong = el("p", { class: "wrong", role: "alert" });
  const field = (name, label, value) =>
    el("label", {}, label, el("input", { name, value, inputmode: "decimal", autocomplete: "off" }));
  const form = el("form", { class: "own-place" }, field("latitude", "Latitude", "-1.9441"), field("longitude", "Longitude", "30.0619"),
    el("button", { class: "strong" }, "Share"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const [latitude, longitude] = ["latitude", "longitude"].map((name) => Number(form.elements[name].value.replace(",", ".")));
    if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) {
      wrong.textContent = "That is no place on earth: −90 to 90, −180 to 180.";
      return;
    }
    close();
    share({ latitude, longitude });
  });
  const rows = places.map((found) => row({
    name: "pin", title: found.name, description: found.address,
    onclick: () => { close(); share(found); },
  }));
  const close = openSheet(phone, "Share a location", ...rows, el("h3", {}, "Somewhere else"), form, wrong);
}

export function attachSheet(phone, choices) {
  const rows = choices.map(({ name, title, description, act }) =>
    row({ name, title, description, onclick: () => { close(); act(); } }));
  const close = openSheet(phone, "Attach", ...rows);
}

const EMOJIS = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

export function optionsSheet(phone, message, { reply, react }) {
  const emojis = EMOJIS.map((emoji) => el("button", {
    type: "button", "aria-label": `React with ${emoji}`, onclick: () => { close(); react(emoji); },
  }, emoji));
  const copy = async () => { close(); await navigator.clipboard?.writeText(message.id); };
  const close = openSheet(phone, "Message",
    message.by === "business" && el("div", { class: "emojis" }, ...emojis),
    message.reaction && row({ name: "close", title: "Take the reaction back", onclick: () => { close(); react(""); } }),
    row({ name: "reply", title: "Reply", onclick: () => { close(); reply(); } }),
    row({ name: "copy", title: "Copy its id", description: message.id, onclick: copy }));
}
