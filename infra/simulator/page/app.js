// The desk: which phones lie on it, what arrives for whom, how the back end is doing.
import * as api from "./api.js";
import { avatar, el, icon, readableNumber } from "./dom.js";
import { Phone } from "./phone.js";
import { Trouble } from "./trouble.js";

const AT_FIRST = 4; // phones opened when nothing is remembered
const MOST = 12; // phones on the desk
const POLL_MS = 3000;
const SAMPLES = [
  { name: "Aline", phone: "250788123456", note: "Rwanda" },
  { name: "Eric", phone: "250788654321", note: "Rwanda" },
  { name: "Wanjiru", phone: "254711223344", note: "Kenya" },
  { name: "Okello", phone: "256772334455", note: "Uganda" },
  { name: "Keza", user_id: "RW.4455667788", username: "keza.k", note: "hides the number" },
];
const narrow = matchMedia("(max-width: 760px)"); // one phone at a time
const THEMES = ["auto", "light", "dark"];

const remembered = {
  read(name, otherwise) {
    try { return JSON.parse(localStorage.getItem(`easymo.${name}`)) ?? otherwise; } catch { return otherwise; }
  },
  write(name, value) {
    try { localStorage.setItem(`easymo.${name}`, JSON.stringify(value)); } catch { /* private windows keep nothing */ }
  },
};

class Desk {
  constructor() {
    this.phones = new Map();
    this.places = [];
    this.waiting = new Map(); // people without a phone on the desk, and how much they were told
    this.row = document.getElementById("phones");
    this.tabs = document.getElementById("people");
    this.trouble = new Trouble(() => this.refresh());
    this.wire();
  }

  async start() {
    await this.refresh();
    let opened = false; // what came before the first time is shown already
    api.follow({
      take: (event) => this.take(event),
      open: () => { if (opened) this.again(); opened = true; },
      closed: () => this.showWebhook(null),
    });
    await this.lay();
    setInterval(() => { if (!document.hidden) this.refresh(); }, POLL_MS);
  }

  // The phones of last time, else those of the people who were active last.
  async lay() {
    const known = await api.people().catch(() => []);
    const keys = remembered.read("phones", null) ?? known.slice(-AT_FIRST).map((person) => person.key);
    const people = new Map(known.map((person) => [person.key, person]));
    for (const key of keys) if (people.has(key)) await this.open(people.get(key));
    this.settle();
  }

  async open(person) {
    if (this.phones.has(person.key)) return this.bringToFront(person.key);
    if (this.phones.size >= MOST) this.close([...this.phones.values()][0]);
    const phone = new Phone(person, this);
    this.phones.set(person.key, phone);
    this.waiting.delete(person.key);
    this.row.append(phone.element);
    await phone.load().catch(() => {});
    phone.typing(person.typing_until);
    this.bringToFront(person.key);
    this.settle();
    return phone;
  }

  close(phone) {
    this.phones.delete(phone.key);
    phone.element.remove();
    this.bringToFront([...this.phones.keys()].at(-1));
    this.settle();
  }

  bringToFront(key) {
    this.front = key;
    for (const phone of this.phones.values()) phone.element.classList.toggle("front", phone.key === key);
    this.phones.get(key)?.element.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.waiting.delete(key);
    this.showTabs();
  }

  settle() {
    remembered.write("phones", [...this.phones.keys()]);
    this.welcome?.remove();
    if (!this.phones.size) {
      this.welcome = el("section", { class: "welcome" }, el("h2", {}, "Whose phone shall it be?"),
        el("p", { class: "quiet" }, "Each person gets a phone with a chat to EasyMO. Put several side by side."), samples(this));
      this.row.append(this.welcome);
    }
    this.showTabs();
  }

  showTabs() {
    const tabs = [...this.phones.values()].map((phone) => this.tab(phone.person, () => this.bringToFront(phone.key)));
    this.tabs.replaceChildren(...tabs);
  }

  tab(person, onclick) {
    const count = this.waiting.get(person.key);
    return el("button", { type: "button", class: "tab", "aria-current": String(person.key === this.front), onclick },
      avatar(person.name, person.key), person.name || readableNumber(person.phone) || person.key,
      count && el("span", { class: "count", "aria-label": `${count} new` }, String(count)));
  }

  take(event) {
    if (event.what === "state") return this.refresh();
    if (event.what === "start_over") return this.again();
    const phone = this.phones.get(event.person.key);
    if (!phone) return undefined;
    Object.assign(phone.person, event.person);
    if (event.what === "typing") phone.typing(event.person.typing_until);
    if (event.message) phone.put(event.message);
    const unseen = narrow.matches && phone.key !== this.front;
    if (unseen && event.what === "message" && event.message.by === "business") {
      this.waiting.set(phone.key, (this.waiting.get(phone.key) ?? 0) + 1);
      this.showTabs();
    }
    return undefined;
  }

  async again() {
    await this.refresh();
    for (const phone of this.phones.values()) await phone.load().catch(() => {});
  }

  async refresh() {
    const state = await api.state().catch(() => null);
    this.showWebhook(state);
    if (!state) return;
    this.places = state.places;
    this.trouble.show(state.faults);
  }

  showWebhook(state) {
    const shown = document.getElementById("webhook");
    const { accepted = 0, waiting = 0, trouble = "" } = state?.webhooks ?? {};
    const bad = !state || (waiting > 0 && trouble !== "");
    shown.className = `webhook${bad ? " bad" : ""}${state && !state.webhook_url ? " off" : ""}`;
    let words = `${accepted} webhooks delivered`;
    if (!state) words = "The simulator does not answer";
    else if (bad) words = `${waiting} ${waiting === 1 ? "webhook waits" : "webhooks wait"}: ${trouble}`;
    else if (!state.webhook_url) words = "No webhook: a bot answers";
    shown.title = state?.webhook_url ?? "";
    if (shown.textContent !== words) shown.replaceChildren(el("span", {}, words));
  }

  wire() {
    for (const panel of document.querySelectorAll("dialog")) {
      panel.addEventListener("click", (event) => {
        if (event.target === panel || event.target.closest("[data-close]")) panel.close();
      });
    }
    const panel = document.getElementById("add-panel");
    const form = document.getElementById("add-form");
    const wrong = document.getElementById("add-wrong");
    document.getElementById("samples").replaceWith(samples(this, () => panel.close()));
    const button = document.getElementById("add-button");
    button.prepend(icon("plus"));
    button.addEventListener("click", () => { form.reset(); wrong.textContent = ""; panel.showModal(); });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        await this.add(typed(form));
        panel.close();
      } catch (error) {
        wrong.textContent = error.message;
      }
    });
    wireTheme();
  }

  async add(person) {
    const { note, ...wanted } = person;
    const phone = await this.open(await api.addPerson(wanted));
    phone?.focus();
  }
}

function typed(form) {
  const name = form.elements.name.value.trim();
  const phone = form.elements.phone.value.replace(/\D/g, "");
  if (form.elements.hidden.checked) {
    const username = (name || "someone").toLowerCase().replace(/[^a-z0-9]+/g, ".");
    return { name, username, user_id: `RW.${Date.now()}` };
  }
  if (phone.length < 8 || phone.length > 15) throw new Error("A number has 8 to 15 digits, the country first: +250 788 123 456.");
  return { name, phone };
}

function samples(desk, then = () => {}) {
  return el("div", { class: "samples", role: "group", "aria-label": "Ready-made people" }, ...SAMPLES.map((person) =>
    el("button", { type: "button", class: "sample", onclick: () => { then(); desk.add(person); } },
      avatar(person.name, person.phone ?? person.user_id), el("span", {}, person.name, el("small", {}, person.note)))));
}

function wireTheme() {
  const button = document.getElementById("theme-button");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let theme = remembered.read("theme", "auto");
  const show = () => {
    const isDark = theme === "dark" || (theme === "auto" && dark.matches);
    document.documentElement.dataset.theme = isDark ? "dark" : "light";
    button.replaceChildren(icon(isDark ? "moon" : "sun"));
    button.title = `Colours: ${theme}`;
    button.setAttribute("aria-label", `Colours: ${theme}`);
  };
  button.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    remembered.write("theme", theme);
    show();
  });
  dark.addEventListener("change", show);
  show();
}

new Desk().start();
