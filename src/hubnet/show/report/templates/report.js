"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const clock = (time) => {
  const minutes = Math.round(time / 60), two = (n) => String(n).padStart(2, "0");
  return `day ${Math.floor(minutes / 1440) + 1}, ${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
};
const colour = (percent) => (percent < 0 ? "#a8a8b2" : data.ramp[Math.min(Math.round(percent / 10), data.ramp.length - 1)]);
const said = (percent) => (percent < 0 ? "no devices" : `${percent} %`);

document.querySelectorAll("section.run").forEach((section, index) => {
  const run = data.runs[index];
  const slider = section.querySelector("input[type=range]");
  if (!slider) return;
  const hubs = new Map(run.hubs.map((hub) => [hub.name, hub]));
  const circles = [...section.querySelectorAll("circle.hub")];
  const lines = [...section.querySelectorAll("path.trunk")];
  const [time, now, detail] = ["time", "now", "detail"].map((name) => section.querySelector(`.${name}`));
  let shown = null, timer = 0;

  const show = () => {
    const hour = Number(slider.value), begin = run.hours[hour], end = run.hours[hour + 1];
    time.value = clock(begin);
    slider.setAttribute("aria-valuetext", clock(begin));
    for (const circle of circles) {
      const busy = (hubs.get(circle.dataset.name) || { week: [] }).week[hour] ?? -1;
      circle.style.fill = colour(busy);
      const words = `${circle.dataset.name}: ${said(busy)} busy, ${circle.dataset.devices} devices`;
      circle.querySelector("title").textContent = words;
      circle.setAttribute("aria-label", words);
    }
    lines.forEach((line, k) => {
      const use = run.trunks[k][hour] ?? -1, down = use < 0 && run.trunks[k].length > 0;
      line.classList.toggle("down", down);
      line.style.stroke = down || use < 1 ? "" : colour(use);
      line.style.strokeWidth = down ? "" : 1.4 + Math.max(use, 0) / 25;
      line.querySelector("title").textContent = `${line.dataset.name}: ${down ? "down" : said(Math.max(use, 0)) + " used"}`;
    });
    const going = run.incidents.filter((one) => one.at < end && (one.end === null || one.end > begin));
    now.textContent = going.map((one) => one.what).join("; ");
    if (shown) tell(shown);
  };

  const tell = (name) => {
    const hub = hubs.get(name), hour = Number(slider.value);
    if (!hub) return;
    shown = name;
    detail.hidden = false;
    detail.querySelector("h4").textContent = `${name}: ${said(hub.week[hour] ?? -1)} busy at ${clock(run.hours[hour])}`;
    detail.querySelector("path").setAttribute("d", hub.path);
    const place = (hour + 0.5) / Math.max(hub.week.length, 1) * 840;
    for (const end of ["x1", "x2"]) detail.querySelector(".mark").setAttribute(end, place);
  };

  slider.addEventListener("input", show);
  for (const circle of circles) {
    circle.addEventListener("click", () => tell(circle.dataset.name));
    circle.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); tell(circle.dataset.name); }
    });
  }
  const button = section.querySelector("button.play");
  button.addEventListener("click", () => {
    if (timer) { clearInterval(timer); timer = 0; button.textContent = "Play"; return; }
    button.textContent = "Pause";
    timer = setInterval(() => {
      slider.value = (Number(slider.value) + 1) % (Number(slider.max) + 1);
      show();
    }, 150);
  });
  show();
});

const choices = [...document.querySelectorAll("input[name=run]")];
const choose = () => document.querySelectorAll("section.run").forEach((section, k) => {
  section.style.display = !choices.length || choices[k].checked ? "" : "none";
});
choices.forEach((choice) => choice.addEventListener("change", choose));
choose();
