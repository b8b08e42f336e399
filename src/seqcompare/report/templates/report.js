// Without this the page is complete; with it, models and seeds can be hidden and values read.
(() => {
  "use strict";
  const values = JSON.parse(document.getElementById("values").textContent);
  const form = document.querySelector(".toggles");
  const hidden = new Set();

  form.hidden = false;
  document.getElementById("hint").hidden = false;
  document.querySelector("#comparison").insertBefore(
    document.getElementById("hint"), document.querySelector("#comparison .figures"));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", ({ target }) => {
    if (target.name === "trials") document.body.classList.toggle("seeds", target.checked);
    if (target.name !== "model") return;
    target.checked ? hidden.delete(target.value) : hidden.add(target.value);
    for (const part of document.querySelectorAll("[data-model]"))
      part.classList.toggle("off", hidden.has(part.dataset.model));
  });
  window.addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details")) part.open = true;
  });

  // A table wider than its place says so.
  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries)
      target.previousElementSibling.hidden = target.scrollWidth <= target.clientWidth + 1;
  });
  for (const table of document.querySelectorAll(".scroll")) watch.observe(table);

  // One reader a figure: a cursor at one of its x values, and the value of each series there.
  class Reader {
    constructor(figure, { label, shown, x, series }) {
      Object.assign(this, { figure, label, shown, x, series, at: x.length - 1 });
      this.svg = figure.querySelector("svg");
      this.line = this.svg.querySelector('[data-part="mean"] path');
      this.cursor = document.createElementNS("http://www.w3.org/2000/svg", "line");
      this.cursor.setAttribute("class", "cursor");
      this.readout = document.createElement("div");
      this.readout.className = "readout";
      this.readout.setAttribute("aria-live", "polite");
      this.readout.hidden = true;
      figure.append(this.readout);
      figure.tabIndex = 0;
      figure.setAttribute("aria-describedby", "hint");
      this.svg.addEventListener("pointermove", (event) => this.point(event));
      this.svg.addEventListener("pointerdown", (event) => this.point(event));
      figure.addEventListener("pointerleave", () => this.leave());
      figure.addEventListener("focus", () => { if (figure.matches(":focus-visible")) this.show(this.at); });
      figure.addEventListener("blur", () => this.leave());
      figure.addEventListener("keydown", (event) => this.key(event));
    }
    places() { // where the first and the last x value lie in the picture
      const length = this.line.getTotalLength();
      return [this.line.getPointAtLength(0).x, this.line.getPointAtLength(length).x];
    }
    point(event) {
      const [first, last] = this.places();
      const inside = new DOMPoint(event.clientX, event.clientY)
        .matrixTransform(this.svg.getScreenCTM().inverse());
      const start = this.x[0], end = this.x[this.x.length - 1];
      const wanted = start + (end - start) * (inside.x - first) / (last - first || 1);
      let nearest = 0;
      this.x.forEach((value, index) => {
        if (Math.abs(value - wanted) < Math.abs(this.x[nearest] - wanted)) nearest = index;
      });
      this.show(nearest);
    }
    key(event) {
      const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -1e9, End: 1e9 };
      if (event.key === "Escape") this.leave();
      if (!(event.key in steps)) return;
      event.preventDefault();
      this.show(Math.min(Math.max(this.at + steps[event.key], 0), this.x.length - 1));
    }
    show(index) {
      this.at = index;
      const [first, last] = this.places();
      const start = this.x[0], end = this.x[this.x.length - 1];
      const place = first + (last - first) * (this.x[index] - start) / (end - start || 1);
      const { y, height } = this.svg.viewBox.baseVal;
      for (const [name, value] of Object.entries({ x1: place, x2: place, y1: y, y2: y + height }))
        this.cursor.setAttribute(name, value);
      this.svg.append(this.cursor);
      this.readout.replaceChildren(this.table(index));
      this.readout.hidden = false;
      const { width, x: left } = this.svg.viewBox.baseVal;
      const right = (place - left) / width < 0.5;
      this.readout.style.left = right ? "auto" : "0";
      this.readout.style.right = right ? "0" : "auto";
    }
    table(index) {
      const table = document.createElement("table");
      const text = (number) => number === undefined ? "–" : String(number).replace("-", "−");
      const row = (name, cells) => {
        const line = table.insertRow();
        const head = document.createElement("th");
        head.textContent = name;
        line.append(head);
        for (const cell of cells) line.insertCell().textContent = cell;
      };
      row(this.label, [this.shown[index] ?? text(this.x[index])]);
      const spread = document.body.classList.contains("seeds");
      for (const { name, model, values, seeds } of this.series) {
        if (hidden.has(model)) continue;
        const each = spread && seeds && seeds.length > 1 ? seeds.map((seed) => seed[index]) : [];
        const range = each.length ? [`${text(Math.min(...each))} … ${text(Math.max(...each))}`] : [];
        row(name, [text(values[index]), ...range]);
      }
      return table;
    }
    leave() {
      this.cursor.remove();
      this.readout.hidden = true;
    }
  }
  for (const figure of document.querySelectorAll("figure[data-figure]"))
    if (values[figure.dataset.figure]) new Reader(figure, values[figure.dataset.figure]);
})();
