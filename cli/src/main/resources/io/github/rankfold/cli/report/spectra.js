// Singular values: one small chart a layer, all on the same vertical axis.

// Values further below the largest are rounding of float32 and of the decomposition itself.
const DEEPEST = 1e-9;
const MANY_VALUES = 256;

function drawSpectra() {
  const layers = report.spectra;
  if (!layers) return;
  let largest = 0;
  let smallest = Infinity;
  for (const layer of layers) {
    for (const value of layer.values) {
      largest = Math.max(largest, value);
      if (value > 0) smallest = Math.min(smallest, value);
    }
  }
  if (largest === 0) return; // nothing but zeros: the table says so
  const floor = Math.max(smallest / 1.5, largest * DEEPEST);
  const range = [floor, Math.max(largest * 1.6, floor * 10)];
  const places = layers.map((layer, index) => document.getElementById("spectrum-" + index));

  const logIndex = element("input");
  logIndex.type = "checkbox";
  logIndex.checked = layers.some((layer) => layer.values.length > MANY_VALUES);
  const register = () =>
    layers.forEach((layer, index) => drawSpectrum(places[index], layer, range, logIndex.checked));
  logIndex.addEventListener("change", register);
  places[0].closest(".grid").before(spectrumKey(layers), spectrumControls(logIndex));
  register();
}

function spectrumKey(layers) {
  const key = element("p", "key");
  const entry = (svg, text) => {
    const span = element("span");
    span.innerHTML = svg; // our own literals only
    span.append(text);
    key.append(span);
  };
  entry(`<svg width="14" height="10"><circle cx="7" cy="5" r="3" fill="var(--blue)"/></svg>`, "singular value");
  if (report.classes) {
    entry(
      `<svg width="14" height="14"><path d="M7 0V14" stroke="var(--ink)" stroke-width="1.5" stroke-dasharray="4 3"/></svg>`,
      `K = ${human(report.classes)} classes`,
    );
  }
  if (layers.some((layer) => layer.rank < layer.values.length)) {
    entry(`<svg width="18" height="12"><rect width="18" height="12" fill="var(--removed)"/><path d="M1 0V12" stroke="var(--orange)" stroke-width="2"/></svg>`, "removed");
  }
  if (layers.some((layer) => layer.rows)) {
    entry(`<svg width="18" height="10"><path d="M0 5H18" stroke="var(--soft)" stroke-width="1.5" stroke-dasharray="2 3"/></svg>`, "float32 rounding");
  }
  return key;
}

function spectrumControls(logIndex) {
  const controls = element("p", "controls");
  const label = element("label", "", "");
  label.append(logIndex, "logarithmic index");
  controls.append(label);
  return controls;
}

function drawSpectrum(place, layer, range, logarithmic) {
  const values = layer.values;
  const index = values.map((value, i) => i + 1);
  const shown = values.map((value) => (value >= range[0] ? value : null));
  const hidden = shown.filter((value) => value === null).length;
  const readout = place.parentElement.querySelector(".readout");
  const below = hidden ? `${human(hidden)} below the axis` : "";
  const pointing = cursor(readout, (i) => `s at ${human(i + 1)} = ${human(values[i])}`);
  pointing.hooks.setCursor.push((u) => {
    if (u.cursor.idx == null) readout.textContent = below;
  });
  pointing.hooks.drawClear = [(u) => shadeRemoved(u, layer)];
  pointing.hooks.draw = [(u) => ruleClasses(u), (u) => ruleRounding(u, layer, range)];
  readout.textContent = below;
  const xRange = logarithmic ? [0.9, values.length * 1.1 + 0.5] : [0, values.length + 1];
  chart(
    place,
    () => ({
      height: 170,
      padding: [8, 8, 0, 0],
      scales: {
        x: { time: false, range: () => xRange, distr: logarithmic ? 3 : 1 },
        y: { distr: 3, range: () => range },
      },
      axes: [logarithmic ? { ...logAxis(), size: 30 } : indexAxis(), logAxis()],
      series: [
        {},
        {
          stroke: colour("blue"),
          width: values.length > 80 ? 1.75 : 0.75,
          points: { show: values.length <= 80, size: 5, fill: colour("blue"), width: 0 },
        },
      ],
      ...pointing,
    }),
    [index, shown],
  );
}

// Everything to the right of the chosen rank.
function shadeRemoved(u, layer) {
  if (!(layer.rank < layer.values.length)) return;
  const { ctx, bbox } = u;
  const x = u.valToPos(layer.rank + 0.5, "x", true);
  ctx.save();
  ctx.fillStyle = colour("removed");
  ctx.fillRect(x, bbox.top, bbox.left + bbox.width - x, bbox.height);
  ctx.fillStyle = colour("orange");
  ctx.fillRect(x, bbox.top, 2 * devicePixelRatio, bbox.height);
  ctx.restore();
}

function ruleClasses(u) {
  if (!report.classes || report.classes + 0.5 > u.scales.x.max) return;
  const x = u.valToPos(report.classes + 0.5, "x", true);
  rule(u, x, u.bbox.top, x, u.bbox.top + u.bbox.height, "ink", [4, 3]);
}

function ruleRounding(u, layer, range) {
  const level = Math.max(layer.rows, layer.cols) * 2 ** -23 * layer.values[0];
  if (!(level > range[0])) return;
  const y = u.valToPos(level, "y", true);
  rule(u, u.bbox.left, y, u.bbox.left + u.bbox.width, y, "soft", [2, 3]);
}

function rule(u, fromX, fromY, toX, toY, name, dashes) {
  const { ctx } = u;
  ctx.save();
  ctx.strokeStyle = colour(name);
  ctx.lineWidth = 1.25 * devicePixelRatio;
  ctx.setLineDash(dashes.map((dash) => dash * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(fromX, fromY);
  ctx.lineTo(toX, toY);
  ctx.stroke();
  ctx.restore();
}
