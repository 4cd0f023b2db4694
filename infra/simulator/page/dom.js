// Building elements. Everything shown passes through text nodes and attributes: nothing is parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  send: ["M4 12 20 4l-5 16-3.5-6.5z", "M11.5 13.5 20 4"],
  attach: ["M12 5v14", "M5 12h14"],
  close: ["M6 6l12 12", "M18 6 6 18"],
  pin: ["M12 21s7-6.2 7-11.5A7 7 0 0 0 5 9.5C5 14.8 12 21 12 21z", "M12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"],
  photo: ["M4 6h16v13H4z", "m4 17 5-5 4 4 3-3 4 4", "M15.5 10.2h.01"],
  file: ["M6 3h8l4 4v14H6z", "M14 3v4h4", "M9 13h6", "M9 17h6"],
  person: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4 20c1.2-3.6 4.2-5 8-5s6.8 1.4 8 5"],
  list: ["M9 7h11", "M9 12h11", "M9 17h11", "M4.5 7h.01", "M4.5 12h.01", "M4.5 17h.01"],
  reply: ["M9 7 4 12l5 5", "M4 12h9c4 0 7 2 7 6"],
  link: ["M14 4h6v6", "M20 4 10 14", "M18 14v6H4V6h6"],
  clock: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", "M12 7v5l3 2"],
  copy: ["M9 9h11v11H9z", "M5 15H4V4h11v1"],
  dots: ["M6 12h.01", "M12 12h.01", "M18 12h.01"],
  down: ["m6 9 6 6 6-6"],
  sun: ["M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M12 2v2", "M12 20v2", "M2 12h2", "M20 12h2", "m5 5 1.4 1.4", "m17.6 17.6 1.4 1.4", "m5 19 1.4-1.4", "m17.6 6.4L19 5"],
  moon: ["M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z"],
  bolt: ["M13 3 5 14h6l-1 7 8-11h-6z"],
  plus: ["M12 5v14", "M5 12h14"],
};

// el("p", {class: "x", onclick: f}, "text", child, …)
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function icon(name) {
  const paths = ICONS[name].map((d) => svg("path", { d }));
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, ...paths);
}

export function iconButton(name, label, onclick, className = "small-button") {
  return el("button", { type: "button", class: className, "aria-label": label, title: label, onclick }, icon(name));
}

export function avatar(name, key) {
  let sum = 7;
  for (const character of key) sum = (sum * 33 + character.codePointAt(0)) % 9973;
  const initial = [...(name || key.replace(/\D/g, "").slice(-2) || "?")].slice(0, name ? 1 : 2).join("");
  return el("span", { class: `avatar tint-${sum % 6}`, "aria-hidden": "true" }, initial.toUpperCase());
}

// +250 788 123 456
export function readableNumber(phone) {
  return phone ? `+${phone.slice(0, 3)} ${phone.slice(3).replace(/(\d{3})(?=\d)/g, "$1 ")}`.trim() : "";
}

export function time(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

export function day(seconds) {
  const date = new Date(seconds * 1000);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
}
