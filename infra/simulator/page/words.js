// WhatsApp's way of marking text: *bold*, _italic_, ~struck~, `code`, ```code```, and links.
import { el } from "./dom.js";

export const FOLDED = 768; // characters shown before "Read more"
const MARKS = { "*": "strong", _: "em", "~": "s" };
const PATTERN = /```([\s\S]+?)```|`([^`\n]+)`|(https?:\/\/[^\s<>"]+)|(?<![\p{L}\p{N}])([*_~])(?=\S)([^\n]*?\S)\4(?![\p{L}\p{N}])/gu;

// Nodes for a text, to be put into an element with `white-space: pre-wrap`.
export function marked(text) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(PATTERN)) {
    if (found.index > end) nodes.push(text.slice(end, found.index));
    end = found.index + found[0].length;
    const [, block, code, address, mark, inner] = found;
    if (block ?? code) nodes.push(el("code", {}, block ?? code));
    else if (address) {
      const clean = address.replace(/[.,;:!?)\]]+$/, "");
      nodes.push(link(clean, clean), address.slice(clean.length));
    } else nodes.push(el(MARKS[mark], {}, ...marked(inner)));
  }
  if (end < text.length) nodes.push(text.slice(end));
  return nodes;
}

export function link(address, words) {
  return el("a", { href: safe(address), target: "_blank", rel: "noopener noreferrer" }, words);
}

// Only web addresses may be followed.
export function safe(address) {
  return /^https?:\/\//i.test(address) ? address : "about:blank";
}

export function words(text) {
  const holder = el("div", { class: "words" });
  if (text.length <= FOLDED) holder.append(...marked(text));
  else {
    const unfold = () => holder.replaceChildren(...marked(text));
    holder.append(...marked(text.slice(0, FOLDED)), "… ");
    holder.append(el("button", { type: "button", class: "more", onclick: unfold }, "Read more"));
  }
  return holder;
}
