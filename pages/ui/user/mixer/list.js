// The ranked list: a row an item, its contributions stacked outwards from zero on one scale.

const ROW = 32; // px, as in the style sheet

// A drawing of our own: emoji look different everywhere, and are missing from some machines.
const THUMB = "M7 10v11H3V10zm2 0 4.2-7.4c1.6 0 2.6 1.3 2.3 2.8L14.8 9H20a2 2 0 0 1 2 2.4l-1.6 7.8A2.3 2.3 0 0 1 18.2 21H9z";

function drawThumb(button) {
  const names = "http" + "://www.w3.org/2000/svg"; // a name, not an address
  const svg = document.createElementNS(names, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(names, "path");
  path.setAttribute("d", THUMB);
  svg.append(path);
  button.append(svg);
}

class RankedRows {
  constructor(parent, granularities, onOpen, onThumb) {
    this.granularities = granularities;
    this.onOpen = onOpen;
    this.onThumb = onThumb;
    this.title = element("h3", "", parent);
    this.sub = element("p", "sub about", parent);
    const status = element("p", "status", parent);
    this.badge = element("span", "badge", status);
    this.summary = element("span", "summary", status);
    this.frame = element("div", "frame", parent);
    this.axis = element("div", "axis", this.frame);
    this.axis.setAttribute("aria-hidden", "true");
    this.ticks = element("div", "ticks", this.axis);
    this.list = element("ol", "rows", this.frame);
    this.gone = element("p", "sub gone", parent);
    this.hint = element("p", "sub", parent);
    this.hint.textContent =
      "Bars right of zero speak for the item, left of it against; ◆ is the score, their sum. " +
      "The colours are those of the faders. Click a row to see why the item is there. " +
      "Thumbs are this user's feedback: they move the learned weights, not this list.";
    this.rows = new Map(); // item id → row, so that a row keeps its element while it moves
    this.spare = [];
    this.low = this.high = 0;
    this.list.addEventListener("pointerover", (event) => this.hover(event));
  }

  newRow() {
    const root = element("li", "row");
    const button = element("button", "open", root);
    button.type = "button";
    const row = { root, button };
    for (const part of ["rank", "change", "title", "bar", "score"]) row[part] = element("span", part, button);
    row.zero = element("span", "zero", row.bar);
    row.parts = this.granularities.map((granularity, k) => {
      const part = element("span", "part ink", row.bar);
      paint(part, granularity);
      part.dataset.k = k;
      return part;
    });
    row.mark = element("span", "mark", row.bar);
    button.addEventListener("click", () => this.onOpen(row.id));
    row.thumbs = ["like", "dislike"].map((kind) => {
      const made = element("button", `thumb ${kind}`, root);
      made.type = "button";
      drawThumb(made);
      made.addEventListener("click", () => this.onThumb(row.id, kind));
      return { kind, made };
    });
    return row;
  }

  /** Show the best items; `shown` holds what the ranking found. */
  show(message, weights, shown) {
    const { k, unseen } = message;
    const few = shown.chosen.length;
    const which = few === 1 ? "best item" : `${few} best items`;
    write(this.title, `What puts the ${which} of user ${message.user} where they are`);
    write(this.sub, `Signed contributions to the score (scaled units): k = ${k}, ${unseen.toLocaleString("en")} unseen items, ` +
      `base ${this.granularities[shown.base].name}`);
    const split = shown.chosen.map((i) => contributionsOf(message, weights, i));
    this.rescale(split, shown.isHeld);
    this.frame.style.setProperty("--height", `${few * ROW}px`);
    const kept = new Set(shown.chosen.map((i) => message.ids[i]));
    for (const [id, row] of this.rows) {
      if (kept.has(id)) continue;
      row.root.remove();
      this.rows.delete(id);
      this.spare.push(row);
    }
    shown.chosen.forEach((i, place) => this.place(message, i, place, split[place], shown));
    this.hasShown = true;
    this.say(message, shown);
  }

  place(message, i, place, split, shown) {
    const id = message.ids[i];
    let row = this.rows.get(id);
    if (!row) {
      row = this.spare.pop() ?? this.newRow();
      this.rows.set(id, row);
      row.id = id;
      this.list.append(row.root);
      row.root.classList.toggle("enters", this.hasShown);
    }
    const title = message.titles[i], score = message.scores[i], change = shown.changes[place];
    row.root.style.transform = `translateY(${place * ROW}px)`;
    row.root.classList.toggle("is-open", id === message.open);
    write(row.rank, String(place + 1));
    if (write(row.change, change)) {
      row.change.dataset.way = change === "=" ? "same" : change.includes("▼") ? "down" : "up";
    }
    if (write(row.title, title)) row.title.title = title;
    write(row.score, signed(score));
    row.split = split;
    let right = 0, left = 0;
    split.forEach((value, k) => {
      const from = value < 0 ? (left += value) : right;
      if (value > 0) right += value;
      // Every part is as wide as the bar and cut to its piece: that costs paint, but no layout.
      const to = from + Math.abs(value), edge = to - from > 0 ? " + 1px" : "";
      row.parts[k].style.clipPath = `inset(0 calc(${100 - this.x(to)}%${edge}) 0 ${this.x(from)}%)`;
    });
    const said = shown.thumbOf(id);
    if (row.said !== said || row.of !== id) {
      row.said = said;
      row.of = id;
      for (const { kind, made } of row.thumbs) {
        const isOn = said === kind, word = kind === "like" ? "Like" : "Dislike";
        made.setAttribute("aria-pressed", String(isOn));
        made.setAttribute("aria-label", `${word} ${title}`);
        made.title = isOn ? "Take this feedback back" : `${word} this item for user ${message.user}`;
      }
    }
    row.zero.style.transform = `translateX(${this.x(0)}%)`;
    row.mark.style.transform = `translateX(${this.x(score)}%)`;
    row.button.setAttribute("aria-label",
      `${place + 1}. ${title}, score ${signed(score)}, against the reference ${spoken(change)}. Explain`);
  }

  /** One scale for all rows: it grows at once and shrinks when the hand is off and much is empty. */
  rescale(split, isHeld) {
    const sums = split.map((row) => [
      row.reduce((sum, v) => sum + Math.max(0, v), 0), row.reduce((sum, v) => sum + Math.min(0, v), 0)]);
    const high = roundUp(Math.max(...sums.map((s) => s[0]), 0) * 1.02);
    const low = roundUp(Math.max(...sums.map((s) => -s[1]), 0) * 1.02);
    const fits = (now, wanted) => (wanted > now || (!isHeld && wanted < 0.75 * now) ? wanted : now);
    const before = `${this.low} ${this.high}`;
    this.high = fits(this.high, high);
    this.low = fits(this.low, low);
    if (this.high + this.low <= 0) this.high = 1;
    if (before === `${this.low} ${this.high}`) return;
    this.unit = 100 / (this.high + this.low);
    const step = tickStep(this.high + this.low), ticks = [];
    for (let n = -Math.floor(this.low / step + 1e-9); n * step <= this.high * 1.0001; n++) ticks.push(n * step);
    this.ticks.replaceChildren(...ticks.map((at) => {
      const tick = element("span", "tick");
      tick.style.left = `${this.x(at)}%`;
      const label = element("span", "", tick);
      label.textContent = at === 0 ? "0" : signed(at, 2).replace(/\.?0+$/, "");
      return tick;
    }));
  }

  x(value) {
    return (value + this.low) * this.unit;
  }

  say(message, shown) {
    const { k, reference } = message, { before } = shown, count = shown.chosen.length;
    write(this.badge, shown.exact ? "✓ exact" : shown.confirmed ? "✓ exact, says the server" : "≈ preview");
    this.badge.dataset.exact = String(shown.exact || shown.confirmed);
    this.badge.title = shown.exact
      ? `No item beyond the ${message.n.toLocaleString("en")} loaded can score enough to be in this top ${count}.`
      : shown.confirmed
        ? "The server has ranked every unseen item with these weights."
        : "An item that is not loaded might belong here; the server ranks all of them on release.";
    const moved = shown.changes.filter((c) => c !== "=").length;
    const fresh = shown.changes.filter((c) => c.startsWith("new")).length;
    const summary = moved
      ? `${moved} of ${count} ranks differ from ${reference}` +
        (fresh ? `, ${fresh} ${fresh === 1 ? "item" : "items"} new in the top ${k}` : "")
      : `the same as under ${reference}`;
    if (write(this.summary, summary)) this.summary.title = summary;
    const here = new Set(shown.chosen), left = [];
    for (let i = 0; i < message.n; i++) {
      if (before[i] > 0 && before[i] <= k && !here.has(i)) left.push(i);
    }
    left.sort((a, b) => before[a] - before[b]);
    const first = left.slice(0, 5).map((i) => `${message.titles[i]} (was ${before[i]})`).join(", ");
    const more = left.length > 5 ? ` and ${left.length - 5} more` : "";
    write(this.gone, left.length ? `Left the top ${k}: ${first}${more}` : `Nothing has left the top ${k}`);
    this.gone.title = left.length ? this.gone.textContent : "";
  }

  /** Put rows into reading order for the keyboard and screen readers, once nothing moves any more. */
  settle(ids) {
    ids.forEach((id, place) => {
      const { root } = this.rows.get(id);
      if (this.list.children[place] !== root) this.list.insertBefore(root, this.list.children[place]);
    });
  }

  hover(event) {
    const part = event.target.closest?.(".part");
    const row = part && [...this.rows.values()].find((r) => r.bar === part.parentElement);
    if (!row) return;
    const value = row.split[part.dataset.k], all = row.split.reduce((sum, v) => sum + Math.abs(v), 0);
    const { name } = this.granularities[part.dataset.k];
    part.title = `${name} ${signed(value)} (${Math.round((100 * Math.abs(value)) / all)} % of all contributions)`;
  }
}

/** Set a text where it differs; tells whether it did. An untouched text costs no layout. */
function write(target, text) {
  if (target.textContent === text) return false;
  target.textContent = text;
  return true;
}

/** A change of rank in words. */
function spoken(change) {
  return change === "=" ? "unchanged" : change.replace("▲", "up ").replace("▼", "down ");
}
