// Collapse metrics: a chart a metric, over the depth of the network or over the epochs.

const METRICS = [
  { column: "normalized_tcv", name: "TCV / TV", note: "share of variation inside classes" },
  { column: "nc1_quotient", name: "NC1 quotient", note: "within / between" },
  { column: "nc1_pinv", name: "NC1 pinv", note: "ill-conditioned when means lose rank" },
  { column: "cdnv", name: "CDNV", note: "variance by distance of classes" },
  { column: "nc2_equinorm", name: "NC2 equinorm", note: "spread of the lengths of means" },
  { column: "nc2_equiangularity", name: "NC2 equiangularity", note: "distance from a simplex" },
];
const MOST_LINES = 8;

function drawCollapse() {
  const place = document.getElementById("collapse-charts");
  const data = report.collapse;
  if (!place || !data) return;
  const places = [...new Set(data.layer)];
  const epochs = [...new Set(data.epoch)].sort((a, b) => a - b);
  const cells = new Map(data.layer.map((layer, row) => [layer + "\n" + data.epoch[row], row]));
  const value = (metric, layer, epoch) => {
    const row = cells.get(layer + "\n" + epoch);
    return row === undefined ? null : data[metric.column][row];
  };

  const grid = element("div", "grid");
  const key = element("p", "key");
  const show = (overEpochs) => {
    for (const drawing of grid.querySelectorAll(".drawing")) forget(drawing);
    grid.replaceChildren();
    rampKey(key, epochs, overEpochs);
    for (const metric of METRICS) {
      // A single point is in the table; a line needs two.
      const measured = places.filter((layer) => epochs.some((epoch) => value(metric, layer, epoch) != null));
      if (measured.length < 2) continue;
      if (overEpochs) drawOverEpochs(grid, metric, measured, epochs, value);
      else drawOverDepth(grid, metric, measured, epochs, value);
    }
  };
  if (epochs.length > 1) place.append(axisChoice(show));
  place.append(key, grid);
  show(false);
}

function axisChoice(show) {
  const controls = element("p", "controls");
  for (const [text, overEpochs] of [["over depth", false], ["over epochs", true]]) {
    const label = element("label");
    const radio = element("input");
    radio.type = "radio";
    radio.name = "collapse-axis";
    radio.checked = !overEpochs;
    radio.addEventListener("change", () => show(overEpochs));
    label.append(radio, text);
    controls.append(label);
  }
  return controls;
}

function rampKey(key, epochs, overEpochs) {
  key.replaceChildren();
  const span = element("span");
  if (overEpochs) span.append("input of the first layer", element("i", "ramp"), "logits");
  else if (epochs.length > 1) span.append(`epoch ${human(epochs[0])}`, element("i", "ramp"), `epoch ${human(epochs.at(-1))}`);
  key.append(span);
}

// Evenly chosen, always with the first and the last.
function thinned(items, most) {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (unused, i) => items[Math.round((i * (items.length - 1)) / (most - 1))]);
}

function drawOverDepth(grid, metric, places, epochs, value) {
  const shown = thinned(epochs, MOST_LINES);
  const lines = shown.map((epoch) => places.map((layer) => value(metric, layer, epoch)));
  const names = places.map((layer) => (layer === "output" ? "logits" : layer));
  drawMetric(grid, metric, places.map((layer, i) => i), lines, depthAxis(names), [-0.3, places.length - 0.7],
    (i) => `${names[i]}: ${human(lines.at(-1)[i])}`);
}

function drawOverEpochs(grid, metric, places, epochs, value) {
  const shown = thinned(places, 3 * MOST_LINES);
  const lines = shown.map((layer) => epochs.map((epoch) => value(metric, layer, epoch)));
  const first = shown[0] === "output" ? "logits" : shown[0];
  const last = shown.at(-1) === "output" ? "logits" : shown.at(-1);
  drawMetric(grid, metric, epochs, lines, indexAxis(), null,
    (i) => `epoch ${human(epochs[i])}: ${first} ${human(lines[0][i])}, ${last} ${human(lines.at(-1)[i])}`);
}

// Names under the axis where they fit, else the place in the order of the layers.
function depthAxis(names) {
  const fit = names.length <= 8 && names.every((name) => name.length <= 12);
  return {
    ...axisBase(),
    size: fit ? 58 : 30,
    rotate: fit ? -45 : 0,
    splits: () => (fit ? names : thinned(names, 6)).map((name) => names.indexOf(name)),
    filter: (chart, splits) => splits,
    values: (chart, splits) => splits.map((i) => (fit || names[i] === "logits" ? names[i] : human(i + 1))),
  };
}

function drawMetric(grid, metric, xs, lines, xAxis, xRange, words) {
  const { box, drawing, readout } = figure(metric.name, metric.note);
  grid.append(box);
  const numbers = lines.flat().filter((x) => x != null);
  const logarithmic = numbers.every((x) => x > 0) && Math.max(...numbers) / Math.min(...numbers) > 8;
  const range = logarithmic ? logRange(numbers) : [0, Math.max(...numbers, 1e-12) * 1.08];
  chart(
    drawing,
    () => ({
      height: 190,
      padding: [8, 24, 0, 0],
      scales: {
        x: xRange ? { time: false, range: () => xRange } : { time: false },
        y: logarithmic ? { distr: 3, range: () => range } : { range: () => range },
      },
      axes: [
        // Colours may have changed since: only the layout of the given axis is kept.
        { ...xAxis, stroke: colour("soft"), grid: { stroke: colour("grid"), width: 1 } },
        logarithmic ? logAxis() : linearAxis(),
      ],
      series: [
        {},
        ...lines.map((line, i) => {
          const paint = ramp(i, lines.length);
          const points = { show: i === lines.length - 1 && line.length <= 30, size: 6, fill: paint, width: 0 };
          return { stroke: paint, width: i === lines.length - 1 ? 2.5 : 1.25, points };
        }),
      ],
      ...cursor(readout, words),
    }),
    [xs, ...lines],
  );
}
