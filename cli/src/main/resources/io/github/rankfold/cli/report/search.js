// What a search for ranks tried: how much worse the model was, over its size.

const REFINEMENTS = [
  ["none", "truncated", "blue", []],
  ["fitted", "fitted to the original", "orange", []],
  ["tuned", "fine-tuned", "green", []],
];

function drawSearch() {
  const place = document.getElementById("search-chart");
  const search = report.search;
  if (!place || !search || !search.parameters.length) return;
  const order = search.parameters.map((_, i) => i).sort((a, b) => search.parameters[a] - search.parameters[b]);
  const sizes = order.map((i) => search.parameters[i]);
  const kinds = REFINEMENTS.filter(([kind]) => search.refinement.includes(kind));
  const series = kinds.map(([kind]) => order.map((i) => (search.refinement[i] === kind ? search.drop[i] : null)));
  const chosen = order.map((i) => (search.chosen[i] ? search.drop[i] : null));
  const { box, drawing, readout } = figure("What was tried", "how much worse than the original, over the parameters of the model");
  drawing.before(lineKey([...kinds, ["chosen", "chosen", "ink", []]]));
  place.append(box);
  const range = logRange(sizes);
  chart(
    drawing,
    () => ({
      height: 240,
      padding: [10, 14, 0, 0],
      scales: { x: { time: false, distr: 3, range: () => range } },
      axes: [{ ...logAxis(), size: 30 }, linearAxis()],
      series: [
        {},
        ...kinds.map(([, , paint]) => ({ stroke: colour(paint), width: 1.25, spanGaps: true, points: { show: true, size: 7, fill: colour(paint) } })),
        { stroke: colour("ink"), width: 0, paths: () => null, points: { show: true, size: 13, width: 2, fill: "transparent" } },
      ],
      ...cursor(readout, (i) => `${human(sizes[i])} parameters: ${human(search.drop[order[i]])} worse`),
    }),
    [sizes, ...series, chosen],
  );
}
