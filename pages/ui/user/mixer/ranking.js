// Numbers only: reading what the server sent, scores, the best k, and the bound. No page here.

/** Read the message: length of a JSON head, the head, then the arrays it leaves out. */
function readMessage(bytes) {
  const own = bytes.slice(); // a copy starts at offset 0, so that every array is aligned
  const size = new DataView(own.buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(own.subarray(4, 4 + size)));
  const n = head.ids.length, width = head.granularities.length;
  let at = Math.ceil((4 + size) / 8) * 8;
  const raw = new Float32Array(own.buffer, at, n * width);
  at += 4 * n * width;
  const before = new Int32Array(own.buffer, at, n);
  return { ...head, raw, before, n, width, scores: new Float64Array(n) };
}

/** Score every candidate: Σ (raw − median) · (λ · scale), with the engine's own order of operations. */
function scoreAll(message, weights) {
  const { raw, scores, n, width, scale, median } = message;
  const factor = weights.map((weight, k) => weight * scale[k]);
  for (let i = 0, at = 0; i < n; i++) {
    let sum = 0;
    for (let k = 0; k < width; k++, at++) sum += (raw[at] - median[k]) * factor[k];
    scores[i] = sum;
  }
  return scores;
}

/** Indices of the k best, best first; of equal scores the one that comes first. */
function best(scores, k) {
  const chosen = [];
  for (let i = 0; i < scores.length; i++) {
    if (chosen.length === k && !(scores[i] > scores[chosen[k - 1]])) continue;
    let low = 0, high = chosen.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (scores[chosen[middle]] >= scores[i]) low = middle + 1;
      else high = middle;
    }
    chosen.splice(low, 0, i);
    if (chosen.length > k) chosen.pop();
  }
  return chosen;
}

/** Whether no item outside the candidates can be among the chosen (threshold bound). */
function isExact(message, weights, chosen) {
  if (message.n === message.unseen) return true;
  if (chosen.length < message.k) return false;
  let bound = 0;
  for (let k = 0; k < message.width; k++) bound += weights[k] * (message.threshold[k] + message.slack[k]);
  return message.scores[chosen[chosen.length - 1]] > bound;
}

/** Contributions of one candidate under the weights. */
function contributionsOf(message, weights, i) {
  return weights.map(
    (weight, k) => (message.raw[i * message.width + k] - message.median[k]) * (weight * message.scale[k]));
}

/** How a rank differs from the preset's; 0 means that the preset has the item further down than known. */
function changeOf(rank, was, k) {
  if (!was) return "new";
  if (was > k) return `new ▲${was - rank}`;
  return was === rank ? "=" : was > rank ? `▲${was - rank}` : `▼${rank - was}`;
}

/** A number with its sign, a true minus, and no negative zero. */
function signed(value, digits = 3) {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return (value < 0 ? "−" : "+") + text;
}

/** The smallest round number that is not below a positive one. */
function roundUp(value) {
  if (!(value > 1e-9)) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.2, 1.4, 1.6, 1.8, 2, 2.25, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10].find((s) => s * power >= value * 0.999999);
  return (step ?? 10) * power;
}

/** A round distance that puts about four to six ticks on a length. */
function tickStep(length) {
  const rough = length / 5, power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].find((s) => s * power >= rough * 0.999) * power;
}
