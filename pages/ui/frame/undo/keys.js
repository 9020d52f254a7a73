// Ctrl/Cmd+Z and Ctrl/Cmd+Shift+Z anywhere on the page, except where they belong to a text.

const TEXTS = new Set(["text", "search", "number", "email", "password", "tel", "url", "date", "time", "datetime-local"]);

/** Whether a key pressed here edits a text; a closed list of choices is none, though it is an input. */
function isText(target) {
  if (target?.isContentEditable || target?.tagName === "TEXTAREA") return true;
  if (target?.tagName !== "INPUT" || !TEXTS.has(target.type)) return false;
  return target.getAttribute("role") !== "combobox" || target.getAttribute("aria-expanded") === "true";
}

/**
 * A page opens at a bare address and then writes its view into it: for the browser's back button
 * these are one place. As two, going back would meet the bare one, which writes its view again.
 */
function joinBareAddress() {
  if (history.pushState.joined) return;
  const push = history.pushState.bind(history), put = history.replaceState.bind(history);
  history.pushState = (state, title, url) => {
    const isBare = location.search === "" && url !== undefined && new URL(url, location.href).pathname === location.pathname;
    (isBare ? put : push)(state, title, url);
  };
  history.pushState.joined = true;
}

// Where Streamlit puts us → a count of steps. It goes along as a whole: of two messages in quick
// succession the server may see the last one only.
const places = new WeakMap();

export default function ({ parentElement, setTriggerValue }) {
  const place = places.get(parentElement) ?? { id: crypto.getRandomValues(new Uint32Array(1))[0], steps: 0 };
  places.set(parentElement, place);
  joinBareAddress();
  const pressed = (event) => {
    const key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || event.altKey || (key !== "z" && key !== "y")) return;
    if (key === "y" && event.shiftKey) return;
    if (event.defaultPrevented || isText(event.composedPath()[0])) return;
    event.preventDefault();
    place.steps += key === "y" || event.shiftKey ? 1 : -1;
    setTriggerValue("steps", { id: place.id, steps: place.steps });
  };
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}
