// Training curves: objective and losses, accuracies, and the learning rate where it changes.

function drawTraining() {
  const place = document.getElementById("training-charts");
  const history = report.history;
  if (!place || !history) return;
  const grid = element("div", "grid");
  place.append(grid);
  trainingChart(grid, "Objective and loss", history, true, [
    ["objective", "objective", "ink", []],
    ["loss", "loss, training", "blue", []],
    ["test_loss", "loss, test", "orange", [6, 4]],
  ]);
  trainingChart(grid, "Accuracy", history, false, [
    ["accuracy", "training", "blue", []],
    ["test_accuracy", "test", "orange", [6, 4]],
  ]);
  const rates = history.learning_rate.filter((x) => x != null);
  if (rates.some((rate) => rate !== rates[0])) {
    trainingChart(grid, "Learning rate", history, true, [["learning_rate", "learning rate", "green", []]]);
  }
}

function trainingChart(grid, title, history, wantsLogarithm, candidates) {
  const lines = candidates.filter(([column]) => history[column].some((x) => x != null));
  if (!lines.length) return;
  const { box, drawing, readout } = figure(title);
  if (lines.length > 1) drawing.before(lineKey(lines));
  grid.append(box);
  const numbers = lines.flatMap(([column]) => history[column]).filter((x) => x != null);
  const logarithmic = wantsLogarithm && numbers.every((x) => x > 0);
  const range = logRange(numbers);
  chart(
    drawing,
    () => ({
      height: 220,
      padding: [8, 12, 0, 0],
      scales: { x: { time: false }, y: logarithmic ? { distr: 3, range: () => range } : {} },
      axes: [indexAxis(), logarithmic ? logAxis() : linearAxis()],
      series: [
        {},
        ...lines.map(([column, name, paint, dash]) => ({
          stroke: colour(paint),
          width: 1.75,
          dash,
          points: { show: history.epoch.length === 1 },
        })),
      ],
      ...cursor(readout, (i) => `epoch ${human(history.epoch[i])}: ` + lines.map(([column]) => human(history[column][i])).join(" · ")),
    }),
    [history.epoch, ...lines.map(([column]) => history[column])],
  );
}

function lineKey(lines) {
  const key = element("p", "key");
  for (const [column, name, paint, dash] of lines) {
    const span = element("span");
    const symbol = svg("svg", { width: 22, height: 8 });
    symbol.append(svg("line", { x1: 0, x2: 22, y1: 4, y2: 4, stroke: `var(--${paint})`, "stroke-width": 2, "stroke-dasharray": dash.join(" ") }));
    span.append(symbol, name);
    key.append(span);
  }
  return key;
}
