// Keeps the queue fresh without loading the page anew: focus, scroll, selection and what was typed stay where they are.
// Without scripts the page loads itself anew instead (meta refresh in <noscript>).
"use strict";
(() => {
  const EVERY = 30000;
  const parts = () => [...document.querySelectorAll("[data-live]")];
  const stale = document.getElementById("stale");

  // The focused element's twin in the new list: by id, or by where it leads.
  const twin = (part, old) =>
    (old.id && document.getElementById(old.id)) ||
    [...part.querySelectorAll("a[href]")].find(a => a.getAttribute("href") === old.getAttribute("href"));

  const put = (part, fresh) => {
    if (part.innerHTML === fresh.innerHTML) return;
    const had = part.contains(document.activeElement) ? document.activeElement : null;
    const top = had && had.getBoundingClientRect().top;
    part.replaceChildren(...fresh.childNodes);
    const now = had && twin(part, had);
    if (now) {
      now.focus({ preventScroll: true });
      window.scrollBy(0, now.getBoundingClientRect().top - top); // the row stays under the eyes
    } else if (had) { // its row is gone: the keyboard goes on from the list, not from the top of the page
      part.tabIndex = -1;
      part.focus({ preventScroll: true });
    }
  };

  const selecting = () => {
    const chosen = document.getSelection();
    return chosen && !chosen.isCollapsed && parts().some(part => chosen.containsNode(part, true));
  };

  const load = async () => {
    if (selecting()) return;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.status === 403) return location.reload(); // signed out meanwhile
      if (!answer.ok) throw new Error(answer.status);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (selecting()) return;
      document.title = fresh.title;
      for (const part of parts()) {
        const other = fresh.getElementById(part.id);
        if (other) put(part, other);
      }
      stale.hidden = true;
    } catch {
      stale.hidden = false;
    }
  };
  setInterval(load, EVERY);
})();
