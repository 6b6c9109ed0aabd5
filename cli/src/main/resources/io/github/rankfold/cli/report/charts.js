// What all charts share: numbers for people, colours, axes, and drawing a folded chart only when
// it is unfolded, so that a net of a hundred layers opens at once.

const report = JSON.parse(document.getElementById("report-data").textContent);

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

function superscript(exponent) {
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[digit]).join("");
  return (exponent < 0 ? "⁻" : "") + digits;
}

// The rules of HumanNumber.java: four significant digits, thousands separators.
function human(value) {
  if (value == null) return "–";
  const size = Math.abs(value);
  if (Number.isInteger(value) || (size >= 1e-4 && size < 1e6)) {
    return value.toLocaleString("en", { maximumSignificantDigits: Number.isInteger(value) ? 15 : 4 });
  }
  const [digits, exponent] = value.toExponential(3).split("e");
  return `${Number(digits)} × 10${superscript(Number(exponent))}`;
}

// A colour of page.css by its name, as it is in the present light or dark.
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

function mix(from, to, share) {
  const channel = (hex, at) => parseInt(hex.slice(at, at + 2), 16);
  const mixed = [1, 3, 5].map((at) => Math.round(channel(from, at) * (1 - share) + channel(to, at) * share));
  return `rgb(${mixed.join(", ")})`;
}

// Step `index` of `count` along the ramp: early to late, or shallow to deep.
function ramp(index, count) {
  return mix(colour("ramp-from"), colour("ramp-to"), count > 1 ? index / (count - 1) : 1);
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text != null) made.textContent = text;
  return made;
}

// A figure with a caption and a line that names what the pointer is at.
function figure(title, subtitle) {
  const box = element("figure");
  const caption = element("figcaption");
  caption.append(element("strong", "", title));
  if (subtitle) caption.append(element("span", "", subtitle));
  const drawing = element("div", "drawing");
  const readout = element("p", "readout");
  readout.setAttribute("aria-hidden", "true");
  box.append(caption, drawing, readout);
  return { box, drawing, readout };
}

function axisBase() {
  return {
    stroke: colour("soft"),
    grid: { stroke: colour("grid"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
}

// Powers of ten, at most about five of them; 2 and 5 between them where there is room.
function decades(min, max) {
  if (max / min < 150) {
    const between = [];
    for (let power = 10 ** Math.floor(Math.log10(min)); power <= max; power *= 10) {
      between.push(...[power, 2 * power, 5 * power].filter((x) => x >= min && x <= max));
    }
    return between;
  }
  const first = Math.ceil(Math.log10(min) - 1e-9);
  const last = Math.floor(Math.log10(max) + 1e-9);
  const step = Math.max(1, Math.ceil((last - first + 1) / 5));
  const splits = [];
  for (let exponent = first; exponent <= last; exponent += step) splits.push(10 ** exponent);
  return splits;
}

function powerOfTen(value) {
  const exponent = Math.floor(Math.log10(value) + 1e-9);
  if (value > 1.5 * 10 ** exponent) return human(Number(value.toPrecision(1)));
  return exponent >= -2 && exponent <= 4 ? human(10 ** exponent) : `10${superscript(exponent)}`;
}

function logAxis() {
  return {
    ...axisBase(),
    size: 46,
    splits: (chart, index, min, max) => decades(min, max),
    filter: (chart, splits) => splits,
    values: (chart, splits) => splits.map(powerOfTen),
  };
}

function linearAxis() {
  return { ...axisBase(), size: 46, space: 28, values: (chart, splits) => splits.map(human) };
}

function indexAxis() {
  return { ...axisBase(), size: 30, space: 44, values: (chart, splits) => splits.map((x) => (Number.isInteger(x) ? human(x) : "")) };
}

// Range of the positive numbers, widened to whole decades when there is less than one.
function logRange(numbers) {
  const positive = numbers.filter((x) => x > 0);
  if (!positive.length) return [0.1, 1];
  let [min, max] = [Infinity, 0];
  for (const x of positive) {
    min = Math.min(min, x);
    max = Math.max(max, x);
  }
  return max / min < 10 ? [10 ** Math.floor(Math.log10(min)), 10 ** Math.ceil(Math.log10(max * 1.001))] : [min / 1.4, max * 1.4];
}

// ---- Drawing when needed, and again when the colours or the width change.

const drawn = new Map(); // element -> { options: function of the width, data, chart }

// The event does not bubble, so it is caught on its way down.
document.addEventListener(
  "toggle",
  (event) => {
    for (const place of drawn.keys()) {
      if (event.target.open && event.target.contains(place)) draw(place);
    }
  },
  true,
);

const widths = new ResizeObserver((entries) => {
  for (const entry of entries) {
    const held = drawn.get(entry.target);
    const width = Math.floor(entry.contentRect.width);
    if (held?.chart && width > 0 && width !== held.chart.width) {
      requestAnimationFrame(() => held.chart?.setSize({ width, height: held.chart.height }));
    }
  }
});

// Registers a chart: `options` is a function, so that a redraw picks up new colours.
function chart(place, options, data) {
  forget(place);
  drawn.set(place, { options, data, chart: null });
  place.style.minHeight = options().height + "px"; // the page does not jump when it is drawn
  widths.observe(place);
  if (!place.closest("details:not([open])")) draw(place);
}

function forget(place) {
  drawn.get(place)?.chart?.destroy();
  drawn.delete(place);
  widths.unobserve(place);
}

function draw(place) {
  const held = drawn.get(place);
  if (!held || held.chart || place.clientWidth === 0) return;
  held.chart = new uPlot({ width: place.clientWidth, legend: { show: false }, ...held.options() }, held.data, place);
}

function redrawAll(alsoUnseen) {
  for (const [place, held] of drawn) {
    const wasDrawn = held.chart != null;
    held.chart?.destroy();
    held.chart = null;
    if (wasDrawn || alsoUnseen) draw(place);
  }
}

// Points at one x; `words` makes the line under the chart from that index.
function cursor(readout, words) {
  return {
    cursor: { drag: { x: false, y: false }, y: false, points: { size: 7 } },
    hooks: {
      setCursor: [(u) => (readout.textContent = u.cursor.idx == null ? "" : words(u.cursor.idx))],
    },
  };
}
