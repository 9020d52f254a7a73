// The strip of faders: one a granularity, with value, share, mute, solo, lock and keyboard.

function element(tag, className, parent) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (parent) parent.append(made);
  return made;
}

/** A button that is on or off. */
function toggle(parent, letter, className, onClick) {
  const button = element("button", `toggle ${className}`, parent);
  button.type = "button";
  button.textContent = letter;
  button.addEventListener("click", onClick);
  return button;
}

/** A small square with a granularity's colour and pattern. */
function swatch(granularity, parent) {
  const made = element("span", "swatch ink", parent);
  paint(made, granularity);
  made.setAttribute("aria-hidden", "true");
  return made;
}

/** Give an element a granularity's colour and pattern; the style sheet picks the theme's. */
function paint(target, granularity) {
  target.style.setProperty("--light", granularity.light);
  target.style.setProperty("--dark", granularity.dark);
  target.dataset.pattern = granularity.pattern;
}

/**
 * Build the strip.
 *
 * `on` is told what a hand did: moved(k, value, isDone), muted(k), soloed(k), locked(k), reset().
 */
class Faders {
  constructor(parent, granularities, on) {
    this.on = on;
    const head = element("div", "faders-head", parent);
    const title = element("h3", "", head);
    title.textContent = "Weights λ";
    this.reset = element("button", "reset", head);
    this.reset.type = "button";
    this.reset.textContent = "Reset";
    this.reset.addEventListener("click", () => on.reset());
    const strip = element("div", "strip", parent);
    this.channels = granularities.map((granularity, k) => this.channel(strip, granularity, k));
    element("p", "sub", parent).textContent =
      "A tick below a fader is the preset. Arrow keys move by 0.01, with shift by 0.1; M mutes, S solos, L locks.";
    this.dragging = false;
    this.timer = 0;
  }

  channel(strip, granularity, k) {
    const root = element("div", "channel", strip);
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", granularity.name);
    root.dataset.granularity = granularity.id;
    const line = element("div", "line", root);
    swatch(granularity, line);
    const label = element("label", "name", line);
    label.textContent = granularity.name;
    const note = element("span", "note", line);
    const value = element("span", "value", line);
    const share = element("span", "share", line);
    share.title = "Share: λ divided by the sum of all λ";
    const below = element("div", "below", root);
    const track = element("div", "track", below);
    const input = element("input", "fader", track);
    Object.assign(input, { type: "range", min: "0", max: "1", step: "0.01", id: `fader-${k}` });
    label.htmlFor = input.id;
    paint(input, granularity);
    const pin = element("span", "pin", track);
    input.addEventListener("pointerdown", () => this.held());
    input.addEventListener("input", () => this.moved(k));
    input.addEventListener("change", () => this.settled(k));
    input.addEventListener("blur", () => this.flush());
    input.addEventListener("keydown", (event) => this.keyed(event, k));
    const mute = toggle(below, "M", "mute", () => this.on.muted(k));
    const solo = toggle(below, "S", "solo", () => this.on.soloed(k));
    const lock = toggle(below, "L", "lock", () => this.on.locked(k));
    return { root, input, note, value, share, mute, solo, lock, pin, name: granularity.name };
  }

  moved(k) {
    this.on.moved(k, Number(this.channels[k].input.value), false);
  }

  /** A pointer holds a fader until it is let go, wherever that is. */
  held() {
    this.dragging = true;
    for (const over of ["pointerup", "pointercancel"]) {
      window.addEventListener(over, () => (this.dragging = false), { once: true });
    }
  }

  /** A pointer has let go, or a key was pressed: keys come in bursts, of which the last one counts. */
  settled(k) {
    clearTimeout(this.timer);
    this.late = () => this.on.moved(k, Number(this.channels[k].input.value), true);
    if (this.byKey) this.timer = setTimeout(() => this.flush(), 220);
    else this.flush();
    this.byKey = false;
  }

  flush() {
    clearTimeout(this.timer);
    const late = this.late;
    this.late = null;
    late?.();
  }

  keyed(event, k) {
    this.byKey = true;
    const up = event.key === "ArrowRight" || event.key === "ArrowUp";
    if (!event.shiftKey || !(up || event.key === "ArrowLeft" || event.key === "ArrowDown")) return;
    event.preventDefault();
    const { input } = this.channels[k];
    const value = Math.round((Number(input.value) + (up ? 0.1 : -0.1)) * 100) / 100;
    input.value = String(value); // the range keeps it inside 0 and 1
    this.moved(k);
    this.settled(k);
  }

  /** Whether a hand is at a fader, or has left it without the server knowing yet. */
  get isBusy() {
    return this.dragging || Boolean(this.late);
  }

  /** Show the desk. */
  show(desk, preset) {
    const weights = desk.weights(), base = desk.baseInForce();
    const total = weights.reduce((a, b) => a + b, 0) || 1;
    this.channels.forEach((channel, k) => {
      const isBase = k === base, silent = weights[k] === 0 && (desk.muted.has(k) || desk.solo !== null);
      const at = isBase ? 1 : desk.faders[k];
      if (Number(channel.input.value) !== at) channel.input.value = String(at);
      const isLocked = desk.locked.has(k);
      channel.input.disabled = isBase || isLocked;
      channel.input.style.setProperty("--at", at);
      channel.root.classList.toggle("silent", silent);
      const alone = desk.solo === k;
      write(channel.note, alone ? "solo" : isBase ? "base" : isLocked ? "locked" : silent && desk.muted.has(k) ? "muted" : "");
      const value = weights[k].toFixed(2), share = `${Math.round((100 * weights[k]) / total)} %`;
      write(channel.value, value);
      write(channel.share, share);
      const state = isBase ? ", base, fixed at 1" : isLocked ? ", locked" : silent ? ", silent" : "";
      channel.input.setAttribute("aria-valuetext", `${value}, ${share} of all weights${state}`);
      channel.mute.disabled = isBase || isLocked;
      channel.mute.setAttribute("aria-pressed", String(desk.muted.has(k) && desk.solo === null));
      channel.mute.setAttribute("aria-label", `Mute ${channel.name}`);
      channel.mute.title = isBase
        ? `${channel.name} is the base, fixed at 1: choose another base to mute it`
        : desk.muted.has(k) ? `Unmute ${channel.name}` : `Mute ${channel.name}: λ = 0`;
      channel.solo.setAttribute("aria-pressed", String(alone));
      channel.solo.setAttribute("aria-label", `Solo ${channel.name}`);
      channel.solo.title = alone ? "End solo: all granularities rank again" : `Solo: ${channel.name} alone ranks the items`;
      channel.lock.setAttribute("aria-pressed", String(isLocked));
      channel.lock.setAttribute("aria-label", `Lock ${channel.name}`);
      channel.lock.title = isLocked
        ? `Unlock ${channel.name}`
        : `Lock ${channel.name}: reset, solo and learned weights leave it where it is`;
      channel.pin.style.setProperty("--at", preset.weights[k]);
    });
    this.reset.disabled = desk.gives(preset.weights, preset.base);
    this.reset.title = `Back to the weights of the preset ${preset.name}`;
  }
}
