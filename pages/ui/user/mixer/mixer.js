// The component: the server's message in, a hand on the faders, weights out.

const mixers = new WeakMap(); // where Streamlit puts us → our instance: a rerun finds it again

const PATIENCE = 4000; // ms without an answer, after which a message is sent again; then twice as long

const NARROW = 660; // px, below which faders stand above the list

class Mixer {
  constructor(place) {
    this.root = element("section", "mixer", place);
    this.root.setAttribute("aria-label", "Mixer: weights and ranked list");
    this.desk = new Desk();
    this.calls = 0; // of the module with messages for this place
    this.number = 0; // of the newest commit made here
    this.mark = null; // ranks before the move under way, where moves are compared with the last weights
    this.thumbs = []; // pressed here and not yet known to the server
    this.thumbNumber = 0; // of the newest of them
    // A container query would do, but makes the browser style everything again in each layout.
    this.widths = new ResizeObserver(([{ contentRect }]) => {
      this.root.classList.toggle("narrow", contentRect.width < NARROW);
    });
    this.widths.observe(this.root);
    this.live = element("p", "spoken", this.root);
    this.live.setAttribute("aria-live", "polite");
  }

  /** Take a message; where a hand is at work, or its weights are still on their way, ours stand. */
  receive(message, send) {
    this.send = send;
    const build = JSON.stringify([message.granularities, message.list]);
    if (this.build !== build) this.construct(message);
    this.build = build;
    const last = this.message, isOther = last?.user !== message.user || last?.session !== message.session;
    this.message = message;
    this.thumbs = this.thumbs.filter((thumb) => thumb.number > message.thumbed);
    this.thumbNumber = Math.max(this.thumbNumber, message.thumbed);
    const isOld = message.number < this.number && !isOther;
    const isUndone = !isOther && message.restored !== last.restored;
    // A connection was lost with a move under way: the new session has never heard of it.
    const isLost = last?.user === message.user && last.session !== message.session && this.number > last.number;
    if (!isOld) [this.number, this.committed] = [message.number, null];
    if (isLost) setTimeout(() => this.commit());
    if (!isOld && !this.faders.isBusy) this.mark = null; // the server has ranked what was here before
    if (!isOld && !isLost && !this.faders.isBusy && !this.desk.gives(message.weights, message.base)) {
      const isFirst = !this.desk.faders.length;
      this.desk.adopt(message.weights, message.base, isUndone);
      // A locked fader did not go along: the server has to know what the list is ranked with.
      if (!isFirst && !this.desk.gives(message.weights, message.base)) setTimeout(() => this.commit());
    }
    if (!this.desk.faders.length) this.desk.adopt(message.weights, message.base);
    this.draw();
    this.root.dataset.confirmed = message.number;
    this.patience = PATIENCE;
    this.expect();
    this.rest();
  }

  construct(message) {
    this.root.replaceChildren(this.live);
    this.root.classList.toggle("no-list", !message.list);
    this.faders = new Faders(element("div", "faders", this.root), message.granularities, {
      moved: (k, value, isDone) => {
        this.hold();
        this.desk.move(k, value);
        this.draw();
        if (isDone) this.commit();
      },
      muted: (k) => (this.hold(), this.desk.toggleMute(k), this.draw(), this.commit()),
      soloed: (k) => (this.hold(), this.desk.toggleSolo(k), this.draw(), this.commit()),
      locked: (k) => (this.desk.toggleLock(k), this.draw()),
      reset: () => {
        this.hold();
        this.desk.adopt(this.message.preset.weights, this.message.preset.base);
        this.draw();
        this.commit();
      },
    });
    this.rows = new RankedRows(
      element("div", "list", this.root), message.granularities, (id) => this.send("open", id),
      (id, kind) => this.thumb(id, kind));
  }

  /** Remember the ranks that a move starts from, unless one is under way. */
  hold() {
    if (!this.message.moving || this.isMoving) return;
    this.isMoving = true;
    const { message } = this, order = best(scoreAll(message, this.desk.weights()), message.n);
    this.mark = new Int32Array(message.n);
    order.forEach((i, place) => (this.mark[i] = place + 1));
  }

  /** What this user said of an item, as far as the hand here or the server knows. */
  thumbOf(id) {
    const own = this.thumbs.findLast((thumb) => thumb.item === id && thumb.user === this.message.user);
    return own ? own.kind : this.message.thumbs[id] ?? null;
  }

  /**
   * Press a thumb, or take it back. All that the server has not confirmed goes along each time: of
   * two messages in quick succession it may see the last one only.
   */
  thumb(id, kind) {
    const weights = this.desk.weights(), { granularities, user } = this.message;
    this.thumbs.push({
      number: ++this.thumbNumber, user, item: id, kind: this.thumbOf(id) === kind ? null : kind,
      rank: this.ids.indexOf(id) + 1, list: [...this.ids],
      weights: Object.fromEntries(granularities.map((g, k) => [g.id, weights[k]])),
      base: granularities[this.desk.baseInForce()].id,
    });
    this.send("thumb", this.thumbs);
    this.expect();
    this.draw();
    const title = this.message.titles[this.message.ids.indexOf(id)];
    this.live.textContent = `${title}: ${{ like: "liked", dislike: "disliked" }[this.thumbOf(id)] ?? "feedback taken back"}`;
  }

  draw() {
    const { message, desk } = this, weights = desk.weights();
    const chosen = best(scoreAll(message, weights), message.k), before = this.mark ?? message.before;
    const isSent = message.base === desk.baseInForce() && message.weights.every((w, k) => w === weights[k]);
    const shown = {
      chosen,
      base: desk.baseInForce(),
      exact: isExact(message, weights, chosen),
      confirmed: isSent && message.confirmed.every((i, place) => chosen[place] === i),
      before,
      changes: chosen.map((i, place) => changeOf(place + 1, before[i], message.k)),
      isHeld: this.faders.dragging,
      thumbOf: (id) => this.thumbOf(id),
    };
    this.faders.show(desk, message.preset);
    this.rows.show(message, weights, shown);
    this.ids = chosen.map((i) => message.ids[i]);
    // What is shown, for whoever drives the page: tests and screen scripts.
    Object.assign(this.root.dataset, {
      ids: JSON.stringify(this.ids),
      scores: JSON.stringify(chosen.map((i) => message.scores[i])),
      exact: shown.exact,
      candidates: message.n,
    });
  }

  commit() {
    this.isMoving = false;
    const weights = this.desk.weights(), { granularities } = this.message;
    this.number += 1;
    this.root.dataset.sent = this.number;
    this.committed = {
      weights: Object.fromEntries(granularities.map(({ id }, k) => [id, weights[k]])),
      base: granularities[this.desk.baseInForce()].id,
      number: this.number,
    };
    this.send("commit", this.committed);
    this.expect();
    this.draw(); // the scale may shrink now that the hand is off
    this.rest();
  }

  /** Send again what stays unanswered: with a connection a message is lost without a word. */
  expect() {
    clearTimeout(this.waiting);
    const isOpen = this.committed?.number > this.message.number;
    if (!isOpen && !this.thumbs.length) return;
    this.waiting = setTimeout(() => {
      if (isOpen) this.send("commit", this.committed);
      else this.send("thumb", this.thumbs);
      this.patience *= 2;
      this.expect();
    }, this.patience);
  }

  /** Tidy up when nothing has moved for a while: reading order, and a sentence for those who listen. */
  rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      if (this.faders.isBusy) return;
      this.rows.settle(this.ids);
      const first = this.message.titles[this.message.ids.indexOf(this.ids[0])];
      const said = `First: ${first ?? "nothing"}. ${this.rows.summary.textContent}`;
      if (this.said && this.said !== said) this.live.textContent = said;
      this.said = said;
    }, 350);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  let mixer = mixers.get(parentElement);
  if (!mixer) mixers.set(parentElement, (mixer = new Mixer(parentElement)));
  mixer.receive(readMessage(data), setTriggerValue);
  const call = ++mixer.calls;
  return () => {
    // Of two messages that were waiting for this module, Streamlit takes the first one back after the
    // second has been drawn: only who came last may clear the place.
    if (call !== mixer.calls) return;
    clearTimeout(mixer.resting);
    clearTimeout(mixer.waiting);
    mixer.widths.disconnect();
    mixer.root.remove();
    mixers.delete(parentElement);
  };
}
