// Draws everything once, and again when the colours change or the page goes to paper.

// One part that cannot be drawn must not take the others with it; the tables hold its numbers.
for (const drawPart of [drawSpectra, drawBounds, drawCollapse, drawTraining, drawSearch]) {
  try {
    drawPart();
  } catch (error) {
    console.error(drawPart.name, error);
  }
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redrawAll(false));

window.addEventListener("beforeprint", () => {
  document.documentElement.classList.add("printing");
  redrawAll(true);
});
window.addEventListener("afterprint", () => {
  document.documentElement.classList.remove("printing");
  redrawAll(false);
});
