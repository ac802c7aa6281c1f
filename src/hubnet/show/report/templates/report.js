"use strict";
// The replay: one hour for all maps, so that allocations are compared at the same time. Texts are only ever set as text.
const data = JSON.parse(document.getElementById("data").textContent);
const FEW = 5;
const clock = (time) => {
  const minutes = Math.round(time / 60), two = (n) => String(n).padStart(2, "0");
  return `day ${Math.floor(minutes / 1440) + 1}, ${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
};
const colour = (percent) => (percent < 0 ? "#a8a8b2" : data.ramp[Math.min(Math.round(percent / 10), data.ramp.length - 1)]);
const busyWords = (percent) => (percent < 0 ? "no devices in force" : `${percent} % busy`);
const usedWords = (percent) => (percent < 0 ? "down" : `${percent} % used`);

const fill = (list, rows) => {
  list.replaceChildren(...rows.map((words) => {
    const item = document.createElement("li");
    item.textContent = words;
    return item;
  }));
};
const most = (rows, words) => rows.filter((row) => row.share > 0).sort((a, b) => b.share - a.share).slice(0, FEW).map(words);

class Replay {
  constructor(section, run) {
    this.run = run;
    this.find = (what) => section.querySelector(what);
    this.slider = this.find("input[type=range]");
    this.hubs = new Map(run.hubs.map((hub) => [hub.name, hub]));
    this.circles = [...section.querySelectorAll("circle.hub")];
    this.lines = [...section.querySelectorAll("path.trunk")];
    this.marks = [...section.querySelectorAll("line.mark")];
    const hit = run.incidents.find((one) => one.hub !== null);
    this.chosen = hit ? hit.hub : run.hubs.length ? run.hubs[0].name : null;  // until another is chosen
    this.slider.addEventListener("input", () => moveAll(Number(this.slider.value)));
    for (const circle of this.circles) {
      circle.addEventListener("click", () => this.choose(circle.dataset.name));
      circle.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); this.choose(circle.dataset.name); }
      });
    }
    section.querySelectorAll(".jumps button").forEach((button) => button.addEventListener("click", () => {
      const at = Number(button.dataset.at), later = run.hours.findIndex((hour) => hour > at);
      stop();
      moveAll(later < 0 ? Number(this.slider.max) : Math.max(later - 1, 0));
    }));
    this.button = this.find("button.play");
    this.button.addEventListener("click", () => (timer ? stop() : play(this)));
  }

  show(hour) {
    this.slider.value = hour;
    this.hour = Number(this.slider.value);
    const begin = this.run.hours[this.hour], end = this.run.hours[this.hour + 1] ?? begin;
    this.find("output.time").value = clock(begin);
    this.slider.setAttribute("aria-valuetext", clock(begin));
    const going = this.run.incidents.filter((one) => one.at < end && (one.end === null || one.end > begin));
    const words = [...new Set(going.map((one) => one.what))].join("; ");
    if (this.find(".now").textContent !== words) this.find(".now").textContent = words;
    this.drawHubs(new Set(going.map((one) => one.hub)));
    this.drawTrunks(new Set(going.filter((one) => one.hub === null).map((one) => one.target)));
    const place = ((this.hour + 0.5) / Math.max(this.run.hours.length - 1, 1)) * 840;
    for (const mark of this.marks) {
      mark.classList.add("set");
      mark.setAttribute("x1", place);
      mark.setAttribute("x2", place);
    }
    this.tell();
  }

  drawHubs(struck) {
    const shares = new Map(this.run.hubs.map((hub) => [hub.name, hub.week[this.hour] ?? -1]));
    for (const circle of this.circles) {
      const name = circle.dataset.name, busy = shares.get(name) ?? -1;
      const words = `${name}: ${busyWords(busy)}, ${this.hubs.get(name).devices.toLocaleString("en")} devices`;
      circle.style.fill = colour(busy);
      circle.classList.toggle("struck", struck.has(name));
      circle.classList.toggle("chosen", this.chosen === name);
      circle.querySelector("title").textContent = words;
      circle.setAttribute("aria-label", struck.has(name) ? `${words}, hit by an incident` : words);
    }
    const rows = [...shares].map(([name, share]) => ({ name, share }));
    fill(this.find(".fullest"), most(rows, (row) => `${row.name}, ${row.share} %`));
  }

  drawTrunks(struck) {
    const rows = this.run.trunks.map((trunk) => ({ name: trunk.name, share: trunk.use[this.hour] ?? 0 }));
    this.lines.forEach((line, k) => {
      const { name, share } = rows[k], used = share > 0;
      line.classList.toggle("down", share < 0);
      line.classList.toggle("struck", struck.has(name));
      line.classList.toggle("used", used);
      line.style.strokeWidth = used ? 1.2 + Math.min(share, 100) / 18 : "";
      line.style.strokeOpacity = used ? 0.35 + Math.min(share, 100) / 154 : "";
      line.querySelector("title").textContent = `${name}: ${usedWords(share)}`;
    });
    fill(this.find(".busiest"), most(rows, (row) => `${row.name}, ${row.share} %`));
  }

  choose(name) {
    this.chosen = name;
    this.show(this.hour);
  }

  tell() {
    const hub = this.hubs.get(this.chosen), detail = this.find(".detail");
    detail.hidden = !hub;
    if (!hub) return;
    const whole = hub.utilization === null ? "" : `, ${Math.round(100 * hub.utilization)} % busy in the time measured`;
    detail.querySelector("h4").textContent = hub.name;
    detail.querySelector(".facts").textContent =
      `${hub.devices.toLocaleString("en")} devices${whole}; ${busyWords(hub.week[this.hour] ?? -1)} at ${clock(this.run.hours[this.hour])}`;
    detail.querySelector("path.value").setAttribute("d", hub.path);
  }
}

let timer = 0;
const replays = [];
const moveAll = (hour) => replays.forEach((replay) => replay.show(hour));
const stop = () => {
  clearInterval(timer);
  timer = 0;
  for (const { button } of replays) button.textContent = "Play";
  for (const { find } of replays) find(".detail").setAttribute("aria-live", "polite");
};
const play = (replay) => {
  for (const { button } of replays) button.textContent = "Pause";
  for (const { find } of replays) find(".detail").setAttribute("aria-live", "off");
  timer = setInterval(() => moveAll((replay.hour + 1) % (Number(replay.slider.max) + 1)), 180);
};

document.querySelectorAll("section.run").forEach((section, index) => {
  if (section.querySelector("input[type=range]")) replays.push(new Replay(section, data.runs[index]));
});
if (replays.length) moveAll(Number(replays[0].slider.value));

const choices = [...document.querySelectorAll("input[name=run]")];
const choose = () => document.querySelectorAll("section.run").forEach((section, k) => {
  section.style.display = !choices.length || choices[k].checked ? "" : "none";
});
choices.forEach((choice) => choice.addEventListener("change", choose));
choose();
// What is folded away on the screen is printed, but for the scenario file and the sources.
const folded = [...document.querySelectorAll("section.run details")];
window.addEventListener("beforeprint", () => folded.forEach((one) => { one.dataset.open = one.open ? "yes" : ""; one.open = true; }));
window.addEventListener("afterprint", () => folded.forEach((one) => { one.open = one.dataset.open === "yes"; }));
