// One message as an element. `hands` are what a tap on it does: tap, open, quote, options, find.
import { day, el, icon, iconButton, svg, time } from "./dom.js";
import { marked, safe, words } from "./words.js";

const TICKS = {
  accepted: ["M8.5 2.5a5 5 0 1 0 .01 0z"],
  sent: ["m4 6.5 3 3 6-7"],
  delivered: ["m1 6.5 3 3 6-7", "m7.5 9.5 6-7"],
};
TICKS.read = TICKS.played = TICKS.delivered;
const NAMES = { image: "Photo", video: "Video", audio: "Voice message", document: "Document", sticker: "Sticker",
  location: "Location", contacts: "Contact", order: "Order", unsupported: "Not supported", system: "System" };

export function bubble(message, hands) {
  const mine = message.by === "person";
  const quoted = message.reply_to && hands.find(message.reply_to);
  const body = el("div", { class: message.type === "sticker" ? "bubble bare" : "bubble" });
  if (quoted) body.append(quote(quoted, () => hands.show(quoted)));
  body.append(...content(message), meta(message, mine));
  if (message.error) body.append(el("p", { class: "failed" }, message.error));
  const action = within(message, hands);
  if (action) body.append(action);
  body.append(iconButton("dots", "Message options", () => hands.options(message), "options"));
  const holder = el("article", {
    class: `message${mine ? " mine" : ""}${message.reaction ? " reacted" : ""}`,
    "aria-label": `${mine ? "You" : "EasyMO"}, ${time(message.at)}`,
    "data-sequence": message.sequence,
  });
  holder.append(body);
  if (message.reaction) body.append(el("span", { class: "reaction", title: "Reaction" }, message.reaction));
  const below = buttons(message, hands);
  if (below) holder.append(below);
  return holder;
}

export function quote(message, onclick) {
  const text = message.text || NAMES[message.type] || message.type;
  return el("button", { type: "button", class: "quoted", onclick },
    el("b", {}, message.by === "person" ? "You" : "EasyMO"), el("span", {}, ...marked(text.slice(0, 140))));
}

export function separator(seconds) {
  return el("p", { class: "day" }, day(seconds));
}

function meta(message, mine) {
  const holder = el("span", { class: "meta" }, el("time", {}, time(message.at)));
  if (mine && TICKS[message.status]) {
    const shown = message.status === "read" || message.status === "played" ? " read" : "";
    const paths = TICKS[message.status].map((d) => svg("path", { d }));
    holder.append(svg("svg", { class: `ticks${shown}`, viewBox: "0 0 16 12", role: "img", "aria-label": message.status }, ...paths));
  }
  return holder;
}

function content(message) {
  const found = message.content ?? {};
  const make = MAKERS[message.type];
  if (make) return make(found, message).filter(Boolean);
  if (message.text) return [words(message.text)];
  return [el("p", { class: "label" }, NAMES[message.type] ?? `A message of type ${message.type}`)];
}

const MAKERS = {
  text: (found) => [words(found.body ?? "")],
  button: (found) => [words(found.text ?? "")],
  interactive: (found, message) => (found.action ? interactive(found) : [words(message.text)]),
  template: (found) => [
    found.header && el("h3", {}, found.header), words(found.body ?? ""),
    found.footer && el("p", { class: "foot" }, found.footer),
  ],
  image: (found) => [picture(found, "picture"), found.caption && words(found.caption)],
  sticker: (found) => [picture(found, "sticker")],
  video: (found) => [player("video", found), found.caption && words(found.caption)],
  audio: (found) => [player("audio", found)],
  document: (found) => [file(found), found.caption && words(found.caption)],
  location: (found) => place(found),
  contacts: (found) => (Array.isArray(found) ? found : []).map(card),
  reaction: (found) => [el("p", { class: "label" }, found.emoji ? `Reacted with ${found.emoji}` : "Took a reaction back")],
};

function interactive(found) {
  const parts = [];
  const head = found.header;
  if (head?.type === "text") parts.push(el("h3", {}, head.text));
  else if (head?.type === "document") parts.push(file(head.document ?? {}));
  else if (head) parts.push(picture(head[head.type] ?? {}, "picture"));
  parts.push(words(found.body?.text ?? ""));
  if (found.footer?.text) parts.push(el("p", { class: "foot" }, found.footer.text));
  return parts;
}

// What stands below the text, within the bubble: the button of a list, a link, a request for the location.
function within(message, hands) {
  const found = message.type === "interactive" ? message.content ?? {} : {};
  const make = {
    list: () => action("list", found.action.button, () => hands.open(message)),
    location_request_message: () => action("pin", "Send location", () => hands.place(message)),
    flow: () => action("link", found.action.parameters?.flow_cta ?? "Open", null),
    cta_url: () => {
      const { display_text: label, url } = found.action.parameters;
      const address = { class: "choice", href: safe(url), target: "_blank", rel: "noopener noreferrer", title: url };
      return el("a", address, icon("link"), label);
    },
  }[found.action && found.type];
  return make ? el("div", { class: "within" }, make()) : null;
}

function action(name, label, onclick) {
  return el("button", { type: "button", class: "choice", onclick, disabled: !onclick }, icon(name), label);
}

function buttons(message, hands) {
  const found = (message.choices ?? []).filter((choice) => choice.kind !== "row");
  if (!found.length) return null;
  return el("div", { class: "choices", role: "group", "aria-label": "Answers" }, ...found.map((choice) =>
    el("button", { type: "button", class: "choice", onclick: () => hands.tap(message, choice) }, icon("reply"), choice.title)));
}

const stored = (id) => `/_simulator/media/${encodeURIComponent(id)}`;

function picture(found, className) {
  if (found.id) return el("img", { class: className, src: stored(found.id), alt: found.caption ?? "Picture", loading: "lazy" });
  return file({ ...found, filename: "Picture" });
}

function player(kind, found) {
  if (!found.id) return file({ ...found, filename: NAMES[kind] });
  return el(kind, { class: kind === "video" ? "picture" : "", src: stored(found.id), controls: true, preload: "metadata" });
}

function file(found) {
  const name = found.filename || "Document";
  const inside = [icon("file"), el("span", {}, el("b", {}, name), el("small", {}, found.link ?? found.mime_type ?? "Open"))];
  const address = found.id ? stored(found.id) : found.link && safe(found.link);
  if (!address) return el("div", { class: "file" }, ...inside);
  return el("a", { class: "file", href: address, target: "_blank", rel: "noopener noreferrer", download: found.id && name }, ...inside);
}

function place(found) {
  const coordinates = `${Number(found.latitude).toFixed(5)}, ${Number(found.longitude).toFixed(5)}`;
  return [
    map(Number(found.latitude), Number(found.longitude)),
    found.name && el("div", { class: "place" }, found.name),
    found.address && el("div", {}, found.address),
    el("div", { class: "coordinates" }, coordinates),
  ];
}

// Not a real map: streets that depend on the coordinates, so that two places look different.
function map(latitude, longitude) {
  const turn = (Math.abs(latitude * 733) + Math.abs(longitude * 397)) % 60 - 30;
  const shift = (Math.abs(longitude * 1291)) % 40;
  const roads = [];
  for (let at = -120; at <= 400; at += 62) {
    roads.push(svg("path", { d: `M${at + shift} -120V300`, stroke: "#fff", "stroke-width": at % 124 ? 5 : 9 }));
    roads.push(svg("path", { d: `M-120 ${at / 1.4 + shift}H420`, stroke: "#fff", "stroke-width": at % 124 ? 4 : 7 }));
  }
  return svg("svg", { class: "map", viewBox: "0 0 260 128", role: "img", "aria-label": "Map" },
    svg("rect", { width: 260, height: 128, fill: "#dfe8d6" }),
    svg("g", { transform: `rotate(${turn} 130 64)` },
      svg("rect", { x: 20 + shift, y: 6, width: 66, height: 52, fill: "#bfdcae" }),
      svg("rect", { x: 168, y: 70, width: 90, height: 60, fill: "#cfe0ee" }), ...roads),
    svg("ellipse", { cx: 130, cy: 83, rx: 9, ry: 3, fill: "#0003" }),
    svg("path", { d: "M130 82s-17-16-17-28a17 17 0 0 1 34 0c0 12-17 28-17 28z", fill: "#c5362b", stroke: "#fff", "stroke-width": 2 }),
    svg("circle", { cx: 130, cy: 54, r: 6, fill: "#fff" }));
}

function card(contact) {
  const number = contact.phones?.[0]?.phone ?? "";
  return el("div", { class: "file" }, icon("person"),
    el("span", {}, el("b", {}, contact.name?.formatted_name ?? "Contact"), el("small", {}, number)));
}
