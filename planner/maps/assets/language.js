"use strict";
// The button of a plain page: Chinese or English; whoever draws words by script hears of it.
document.getElementById("language").addEventListener("click", (event) => {
  const root = document.documentElement, english = root.dataset.lang === "zh";
  root.dataset.lang = root.lang = english ? "en" : "zh";
  event.target.textContent = english ? "中文" : "English";
  document.dispatchEvent(new Event("language"));
});
