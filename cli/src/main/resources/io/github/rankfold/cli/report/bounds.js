// Measured distance and bounds: a row a layer, a mark a quantity, one logarithmic axis.
// The marks differ in shape as well as in colour.

const MARKS = [
  { column: "stationarity", name: "‖R‖ / λ", style: "stationarity", path: "M0 -6V6" },
  { column: "tcv_bound", name: "TCV bound", style: "tcv", path: "M0 -5L5 4H-5Z" },
  { column: "exact_bound", name: "exact bound", style: "exact", path: "M-4 -4H4V4H-4Z" },
  { column: "projected_tcv_bound", name: "projected TCV bound", style: "projected-tcv", path: "M-4 -4L4 4M-4 4L4 -4" },
  { column: "projected_bound", name: "projected bound", style: "projected", path: "M0 -5L5 0L0 5L-5 0Z" },
  { column: "measured_distance", name: "measured distance", style: "measured", path: "M-4 0A4 4 0 1 0 4 0A4 4 0 1 0 -4 0" },
];

// Distances below this share of the largest bound are drawn at the left edge.
const LEAST_SHOWN = 1e-9;

// Numbers below this share are rounding of zero, and don't stretch the axis.
const ROUNDING = 1e-12;

function svg(tag, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text != null) made.textContent = text;
  return made;
}

function drawBounds() {
  const place = document.getElementById("bounds");
  const data = report.certificates;
  if (!place || !data) return;
  const partitions = [...new Set(data.partition)];
  const plot = element("div");
  let chosen = data.main;
  if (partitions.length > 1) place.before(partitionChoice(partitions, chosen, (partition) => {
    chosen = partition;
    drawDots(plot, data, chosen);
  }));
  const key = element("p", "key");
  for (const mark of [...MARKS].reverse()) {
    const span = element("span");
    const symbol = svg("svg", { width: 14, height: 14, viewBox: "-7 -7 14 14" });
    symbol.append(svg("path", { d: mark.path, class: "mark " + mark.style }));
    span.append(symbol, mark.name);
    key.append(span);
  }
  place.before(key);
  place.append(plot);
  let width = place.clientWidth;
  drawDots(plot, data, chosen);
  new ResizeObserver(() => {
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    // In the next frame: a redraw inside the observer changes what it observes.
    requestAnimationFrame(() => drawDots(plot, data, chosen));
  }).observe(place);
}

function partitionChoice(partitions, chosen, change) {
  const controls = element("p", "controls");
  const label = element("label", "", "Partition ");
  const select = element("select");
  for (const partition of partitions) select.append(new Option(partition, partition, false, partition === chosen));
  select.addEventListener("change", () => change(select.value));
  label.append(select);
  controls.append(label);
  return controls;
}

function drawDots(plot, data, partition) {
  const rows = data.partition.map((name, row) => row).filter((row) => data.partition[row] === partition);
  const numbers = MARKS.flatMap((mark) => rows.map((row) => data[mark.column][row])).filter((x) => x > 0);
  plot.replaceChildren();
  if (!numbers.length) return;
  const largest = Math.max(...numbers);
  const least = Math.min(...numbers.filter((x) => x > largest * ROUNDING));
  const min = 10 ** Math.floor(Math.log10(Math.max(least, largest * LEAST_SHOWN)));
  const max = 10 ** Math.ceil(Math.log10(largest * 1.1));

  const width = plot.clientWidth;
  const step = rows.length > 40 ? 17 : 30;
  const longest = Math.max(...rows.map((row) => data.layer[row].length));
  const left = Math.min(longest * 7 + 14, width * 0.3);
  const height = rows.length * step + 34;
  const right = width - 14;
  const inset = 22; // room for the arrow of what is off the axis
  const x = (value) => left + inset + ((Math.log10(Math.max(value, min)) - Math.log10(min)) / (Math.log10(max) - Math.log10(min))) * (right - left - inset);

  const drawing = svg("svg", { class: "dots", viewBox: `0 0 ${width} ${height}`, height });
  for (const decade of decades(min, max)) {
    drawing.append(svg("line", { class: "guide", x1: x(decade), x2: x(decade), y1: 4, y2: height - 26 }));
    drawing.append(svg("text", { x: x(decade), y: height - 10, "text-anchor": "middle" }, powerOfTen(decade)));
  }
  rows.forEach((row, index) => drawDotRow(drawing, data, row, 4 + (index + 0.5) * step, { left, right, min, x }));
  plot.append(drawing);
}

function drawDotRow(drawing, data, row, y, frame) {
  const room = Math.floor((frame.left - 8) / 6.4);
  const layer = data.layer[row];
  const name = layer.length > room ? "…" + layer.slice(1 - room) : layer;
  const label = svg("text", { class: "name", x: frame.left - 6, y: y + 4, "text-anchor": "end" }, name);
  label.append(svg("title", {}, layer));
  drawing.append(label, svg("line", { class: "guide", x1: frame.left, x2: frame.right, y1: y, y2: y }));

  const measured = data.measured_distance[row];
  const bounds = MARKS.filter((mark) => mark.column.endsWith("bound")).map((mark) => data[mark.column][row]).filter((b) => b != null);
  if (measured != null && bounds.length) {
    drawing.append(svg("line", { class: "slack", x1: frame.x(measured), x2: frame.x(Math.min(...bounds)), y1: y, y2: y }));
  }
  for (const mark of MARKS) {
    const value = data[mark.column][row];
    if (value == null) continue;
    const edge = value < frame.min; // zero, or too small for the axis: an arrow points at it
    const group = svg("g", { transform: `translate(${frame.x(value)} ${y})` });
    group.append(svg("path", { d: mark.path, class: "mark " + mark.style }));
    if (edge) group.append(svg("text", { x: -6, y: 4, "text-anchor": "end", class: "name" }, "‹"));
    group.append(svg("title", {}, `${layer}, ${mark.name}: ${human(value)}`));
    drawing.append(group);
  }
}
