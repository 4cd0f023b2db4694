// The strip of faults that are on, and the panel that switches them on.
import * as api from "./api.js";
import { el, icon, iconButton } from "./dom.js";

const TROUBLES = [
  { title: "Meta fails 3 times", text: "131000, HTTP 500", fault: { kind: "error", code: 131000, times: 3 } },
  { title: "Too many messages", text: "130429 to the next 5", fault: { kind: "error", code: 130429, times: 5 } },
  { title: "Every second send fails", text: "HTTP 503 without JSON", fault: { kind: "http", status: 503, share: 0.5 } },
  { title: "Slow answers", text: "Every send takes 3 s", fault: { kind: "slow", seconds: 3 } },
  { title: "Answers too late", text: "Accepted at once, answered after 20 s", fault: { kind: "late", seconds: 20, times: 3 } },
  { title: "The line is cut", text: "Accepted, but no answer: the next 3", fault: { kind: "cut", times: 3 } },
  { title: "The line is cut early", text: "Not accepted, no answer: the next 3", fault: { kind: "drop", times: 3 } },
  { title: "Nobody listens for 10 s", text: "Connections are refused, this page too", refuse: 10 },
  { title: "Undeliverable", text: "Accepted, then reported failed: 131026", fault: { kind: "fail_status", code: 131026, times: 3 } },
  { title: "Statuses get lost", text: "None is reported", fault: { kind: "lose_statuses" } },
  { title: "Everything comes twice", text: "Webhooks are doubled", fault: { kind: "duplicate", copies: 1 } },
  { title: "Another order", text: "Webhooks are shuffled, 5 at a time", fault: { kind: "reorder", copies: 5 } },
];
const SAID = {
  error: (fault) => `Meta answers ${fault.code}`,
  http: (fault) => `HTTP ${fault.status}`,
  slow: (fault) => `Slow by ${fault.seconds} s`,
  late: (fault) => `Answers after ${fault.seconds} s`,
  cut: () => "Line cut after accepting",
  drop: () => "Line cut before accepting",
  fail_status: (fault) => `Reported failed: ${fault.code}`,
  lose_statuses: (fault) => `Statuses lost${fault.statuses.length ? `: ${fault.statuses.join(", ")}` : ""}`,
  duplicate: (fault) => `Webhooks come ${fault.copies + 1} times`,
  reorder: () => "Webhooks shuffled",
};

export class Trouble {
  constructor(refresh) {
    this.refresh = refresh;
    this.strip = document.getElementById("faults");
    this.panel = document.getElementById("trouble-panel");
    this.wrong = document.getElementById("trouble-wrong");
    const choices = TROUBLES.map((trouble) => el("button", { type: "button", class: "trouble", onclick: () => this.start(trouble) },
      el("b", {}, trouble.title), el("small", {}, trouble.text)));
    document.getElementById("troubles").append(...choices);
    document.getElementById("all-off").addEventListener("click", () => this.act(() => api.clearFaults()));
    const button = document.getElementById("trouble-button");
    button.prepend(icon("bolt"));
    button.addEventListener("click", () => { this.wrong.textContent = ""; this.panel.showModal(); });
  }

  start(trouble) {
    this.act(async () => {
      await (trouble.fault ? api.addFault(trouble.fault) : api.refuse(trouble.refuse));
      this.panel.close();
    });
  }

  async act(doing) {
    try {
      await doing();
      await this.refresh();
    } catch (error) {
      this.wrong.textContent = error.message;
    }
  }

  show(faults) {
    this.strip.hidden = faults.length === 0;
    this.strip.replaceChildren(icon("bolt"), ...faults.map((fault) => this.chip(fault)));
  }

  chip(fault) {
    const left = fault.times ? `, ${fault.times - fault.hits} left` : "";
    const share = fault.share < 1 ? `, ${Math.round(fault.share * 100)} %` : "";
    const words = `${SAID[fault.kind](fault)}${share}${left}`;
    return el("span", { class: "fault" }, words,
      iconButton("close", `Switch off: ${words}`, () => this.act(() => api.clearFault(fault.id)), ""));
  }
}
