// What part of the map somebody looks at. A map with other colours is a new chart to Streamlit, which
// opens on the whole of it; what was zoomed to before is told to the server, which draws the new one there.

const PLOT = ".st-key-map .js-plotly-plot";
const PAUSE = 250; // milliseconds without another move

function read(plot) {
  const { xaxis, yaxis } = plot._fullLayout ?? {};
  return xaxis && yaxis ? { x: [...xaxis.range], y: [...yaxis.range] } : null;
}

export default function ({ setStateValue }) {
  let plot = null, waiting = 0;
  const moved = (change) => {
    // Only what a hand does: the chart's own layout moves the axes, too, when the window changes.
    if (!Object.keys(change ?? {}).some((name) => /^[xy]axis\./.test(name))) return;
    const whole = change["xaxis.autorange"] === true;
    clearTimeout(waiting);
    waiting = setTimeout(() => setStateValue("seen", whole ? "whole" : read(plot)), PAUSE);
  };
  const look = () => {
    const now = document.querySelector(PLOT);
    if (now === plot || typeof now?.on !== "function") return;
    plot?.removeListener?.("plotly_relayout", moved);
    plot = now;
    plot.on("plotly_relayout", moved);
    plot.dataset.watched = "true";
  };
  const watch = setInterval(look, PAUSE);
  look();
  return () => {
    clearInterval(watch);
    clearTimeout(waiting);
    plot?.removeListener?.("plotly_relayout", moved);
  };
}
