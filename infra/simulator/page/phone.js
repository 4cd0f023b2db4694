// One person's phone: the conversation with EasyMO and all that one can do in it.
import * as api from "./api.js";
import { bubble, quote, separator } from "./bubbles.js";
import { avatar, day, el, icon, iconButton, readableNumber } from "./dom.js";
import { choose, testDocument, testPhoto } from "./files.js";
import { attachSheet, listSheet, openSheet, optionsSheet, placeSheet, row } from "./sheets.js";

const KEPT = 500;
const STARTS = ["hi", "muraho", "bonjour", "habari", "book ride", "jobs"];
const GROUPED_SECONDS = 180; // messages of one side within it stand close together

export class Phone {
  constructor(person, desk) {
    this.person = person;
    this.desk = desk;
    this.messages = new Map(); // sequence → message, oldest first
    this.byId = new Map();
    this.elements = new Map();
    this.build();
  }

  get key() { return this.person.key; }

  async load() {
    const found = await api.messages(this.key);
    this.messages.clear();
    this.byId.clear();
    this.elements.clear();
    this.log.replaceChildren();
    for (const message of found) this.put(message, { still: true });
    this.showHint();
    this.toEnd();
  }

  // A new message, or a known one that changed.
  put(message, { still = false } = {}) {
    const known = this.messages.has(message.sequence);
    this.messages.set(message.sequence, message);
    this.byId.set(message.id, message);
    if (message.type === "reaction" && this.byId.has(message.content?.message_id)) return; // shows on what it is about
    if (message.by === "business") this.typing(0);
    const element = this.render(message);
    const shown = this.elements.get(message.sequence);
    if (shown) {
      element.classList.toggle("close", shown.classList.contains("close"));
      shown.replaceWith(element);
    } else this.append(message, element);
    this.elements.set(message.sequence, element);
    this.forgetOld();
    if (still) return;
    this.showHint();
    if (this.following || (message.by === "person" && !known)) this.toEnd();
  }

  typing(until) {
    clearTimeout(this.typingTimer);
    const left = until * 1000 - Date.now();
    this.dots.remove();
    this.state.textContent = left > 0 ? "typing…" : "business account";
    this.state.classList.toggle("typing", left > 0);
    if (left <= 0) return;
    this.log.append(this.dots);
    if (this.following) this.toEnd();
    this.typingTimer = setTimeout(() => this.typing(0), left);
  }

  async send(message) {
    const answered = this.answered;
    this.answer(null);
    try {
      this.sent(await api.send(this.key, answered ? { ...message, reply_to: answered.id } : message));
    } catch (error) {
      if (message.text && !this.input.value) this.input.value = message.text; // to try again
      this.complain(error);
    }
  }

  // The answer to sending may come after the feed told more of the message: then it says nothing new.
  sent(message) {
    if (!this.messages.has(message.sequence)) this.put(message);
  }

  focus() { this.input.focus(); }

  // Everything below builds and wires the elements.

  build() {
    const person = this.person;
    this.log = el("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "Messages", tabindex: 0,
      onscroll: () => { this.following = this.down.hidden = this.isAtEnd(); } });
    new ResizeObserver(() => { if (this.following) this.toEnd(); }).observe(this.log);
    this.log.addEventListener("load", () => { if (this.following) this.toEnd(); }, true); // pictures grow as they come
    this.following = true;
    this.down = iconButton("down", "To the latest message", () => this.toEnd(), "to-end");
    this.down.hidden = true;
    this.dots = el("div", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
    this.state = el("div", { class: "state", role: "status" }, "business account");
    this.answering = el("div", { class: "answering" });
    this.answering.hidden = true;
    this.input = el("textarea", { rows: 1, placeholder: "Message", "aria-label": "Message", maxlength: 65536, enterkeyhint: "send",
      oninput: () => this.grow(), onkeydown: (event) => this.onKey(event) });
    const who = person.name || readableNumber(person.phone) || person.username || person.key;
    const number = person.phone ? readableNumber(person.phone) : `${person.username ? `@${person.username} · ` : ""}number hidden`;
    this.element = el("section", { class: "phone", "aria-label": `Phone of ${who}` },
      el("div", { class: "owner" }, avatar(person.name, person.key),
        el("span", { class: "who" }, el("b", {}, who), " ", person.name && el("span", { class: "number" }, number)),
        iconButton("clock", "Time passes", () => this.pass()),
        iconButton("close", `Put the phone of ${who} away`, () => this.desk.close(this))),
      el("div", { class: "head" }, el("img", { src: "/page/mark.svg", alt: "" }),
        el("div", {}, el("div", { class: "title" }, "EasyMO"), this.state)),
      el("div", { class: "talk" }, this.log, this.down),
      this.answering,
      el("form", { class: "write", onsubmit: (event) => { event.preventDefault(); this.say(); } },
        iconButton("attach", "Attach", () => this.attach(), "round"), this.input,
        el("button", { class: "round send", "aria-label": "Send", title: "Send" }, icon("send"))));
  }

  render(message) {
    return bubble(message, {
      find: (id) => this.byId.get(id),
      show: (found) => this.elements.get(found.sequence)?.scrollIntoView({ block: "center" }),
      tap: (from, choice) => this.tap(from, choice),
      open: (from) => listSheet(this.element, from, (choice) => this.tap(from, choice)),
      place: () => this.sharePlace(),
      options: (found) => optionsSheet(this.element, found, {
        reply: () => this.answer(found),
        react: (emoji) => this.send({ reaction: { message: found.id, emoji } }),
      }),
    });
  }

  append(message, element) {
    const last = [...this.elements.keys()].at(-1);
    const before = last === undefined ? null : this.messages.get(last);
    if (!before || day(before.at) !== day(message.at)) this.log.append(separator(message.at));
    else if (before.by === message.by && message.at - before.at < GROUPED_SECONDS) element.classList.add("close");
    this.log.append(element);
    if (this.dots.isConnected) this.log.append(this.dots);
  }

  forgetOld() {
    for (const sequence of this.messages.keys()) {
      if (this.messages.size <= KEPT) break;
      this.byId.delete(this.messages.get(sequence).id);
      this.messages.delete(sequence);
      this.elements.get(sequence)?.remove();
      this.elements.delete(sequence);
    }
  }

  showHint() {
    this.hint?.remove();
    if (this.messages.size) return;
    const starts = STARTS.map((words) => el("button", { type: "button", onclick: () => this.send({ text: words }) }, words));
    this.hint = el("div", { class: "hint" }, "Say something to EasyMO, for example:", el("div", { class: "starts" }, ...starts));
    this.log.append(this.hint);
  }

  isAtEnd() { return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80; }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.following = this.down.hidden = true;
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + 2}px`;
  }

  onKey(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.say();
    } else if (event.key === "Escape") this.answer(null);
  }

  say() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.grow();
    this.send({ text });
  }

  tap(message, choice) {
    this.answer(null);
    this.send({ tap: { message: message.id, id: choice.id } });
  }

  answer(message) {
    this.answered = message;
    this.answering.hidden = !message;
    this.answering.replaceChildren();
    if (!message) return;
    this.answering.append(quote(message, () => {}), iconButton("close", "Do not reply to it", () => this.answer(null)));
    this.focus();
  }

  sharePlace() {
    placeSheet(this.element, this.desk.places, ({ latitude, longitude, name = "", address = "" }) =>
      this.send({ location: { latitude, longitude, name, address } }));
  }

  attach() {
    const file = async (pick, options) => {
      const found = await pick;
      if (found) await this.sendFile(found, options?.filename ?? found.name ?? "");
    };
    attachSheet(this.element, [
      { name: "pin", title: "Location", description: "A place in Kigali, or any other", act: () => this.sharePlace() },
      { name: "photo", title: "Photo", description: "From this computer", act: () => file(choose("image/jpeg,image/png")) },
      { name: "photo", title: "Test photo", description: "A made-up certificate", act: () => file(testPhoto(this.person.name)) },
      { name: "file", title: "Document", description: "From this computer", act: () => file(choose("")) },
      { name: "file", title: "Test document", description: "An empty PDF",
        act: () => file(Promise.resolve(testDocument()), { filename: "policy.pdf" }) },
      { name: "person", title: "Contact", description: "Eric Mugabo, +250 788 000 002",
        act: () => this.send({ contact: { name: "Eric Mugabo", phone: "250788000002" } }) },
    ]);
  }

  async sendFile(file, filename) {
    const caption = file.type.startsWith("image/") ? this.input.value.trim() : "";
    try {
      this.sent(await api.sendFile(this.key, file, { caption, filename }));
      if (caption) { this.input.value = ""; this.grow(); }
    } catch (error) {
      this.complain(error);
    }
  }

  pass() {
    const later = async (hours) => {
      close();
      await api.silence(this.key, hours).catch((error) => this.complain(error));
    };
    const until = this.person.window_until * 1000;
    const words = until > Date.now()
      ? `EasyMO may write freely until ${new Date(until).toLocaleString("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" })}.`
      : "EasyMO may send templates only, until this person writes.";
    const close = openSheet(this.element, "Time passes",
      el("p", { class: "hint" }, words),
      row({ name: "clock", title: "25 hours pass without a word", description: "Closes the 24-hour window", onclick: () => later(25) }),
      row({ name: "clock", title: "One hour passes", onclick: () => later(1) }));
  }

  complain(error) {
    openSheet(this.element, "That did not work", el("p", { class: "wrong", role: "alert" }, error.message));
  }
}
