"use strict";
// A reason that is pointed at or clicked marks what it names; a click holds the marks.
(() => {
  const reasons = [...document.querySelectorAll("#reasons > li")];
  let held = null;
  const mark = (reason) => {
    const name = reason ? reason.dataset.reason : null;
    for (const shape of document.querySelectorAll("#zone .blocked")) {
      shape.classList.toggle("on", name !== null && shape.classList.contains(name));
    }
    for (const other of reasons) other.classList.toggle("on", other === reason);
  };
  for (const reason of reasons) {
    const hold = () => { held = held === reason ? null : reason; mark(held); };
    reason.addEventListener("mouseenter", () => mark(reason));
    reason.addEventListener("mouseleave", () => mark(held));
    reason.addEventListener("click", hold);
    reason.addEventListener("keydown", (event) => { if (event.key === "Enter") hold(); });
  }
  window.plannerExplain = { ready: true };
})();
