// The state of the desk: where the faders stand, what is muted, what is alone. No page here either.

/** Faders of one user, and the weights that follow from them. */
class Desk {
  constructor() {
    this.faders = []; // λ each fader stands at, in the fixed order
    this.base = 0; // index of the granularity whose weight is 1
    this.muted = new Set();
    this.solo = null;
    this.locked = new Set(); // faders that reset, solo and weights from outside leave alone
  }

  /**
   * λ in force. Soloing makes the soloed granularity the base: the others weigh nothing against it,
   * except locked ones.
   */
  weights() {
    if (this.solo !== null) {
      return this.faders.map((value, k) => (k === this.solo ? 1 : !this.locked.has(k) ? 0 : k === this.base ? 1 : value));
    }
    return this.faders.map((value, k) => (k === this.base ? 1 : this.muted.has(k) ? 0 : value));
  }

  /** Index of the base in force. */
  baseInForce() {
    return this.solo ?? this.base;
  }

  /** Whether these weights and this base are what the desk gives already. */
  gives(weights, base) {
    return base === this.baseInForce() && this.weights().every((w, k) => Math.abs(w - weights[k]) < 1e-6);
  }

  /**
   * Take weights from outside: faders move there, locked ones only where a step was undone; nothing
   * stays muted or alone.
   */
  adopt(weights, base, isUndone = false) {
    this.faders = weights.map((weight, k) => (this.locked.has(k) && !isUndone ? this.weights()[k] : weight));
    this.base = base;
    this.muted.clear();
    this.solo = null;
  }

  move(k, value) {
    if (this.solo !== null && this.solo !== k) this.solo = null;
    this.muted.delete(k);
    this.faders[k] = value;
  }

  toggleMute(k) {
    this.solo = null;
    if (!this.muted.delete(k)) this.muted.add(k);
    else if (this.faders[k] === 0) this.faders[k] = 0.5; // nothing to come back to
  }

  /** Hold a fader where it is, or let it go. */
  toggleLock(k) {
    if (this.locked.delete(k)) return;
    this.faders[k] = this.weights()[k];
    this.muted.delete(k);
    this.locked.add(k);
  }

  toggleSolo(k) {
    this.solo = this.solo === k ? null : k;
  }
}
