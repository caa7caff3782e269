// A planner draws one map; a page may have several. Parts add to it what they know.
"use strict";
const plannerParts = [];
const planners = {};

function makePlanner(id) {
  const planner = { id, followers: [] };
  plannerParts.forEach((part) => part(planner));
  planners[id] = planner;
  if (id === "planner") window.planner = planner;
}

function readPage() {
  if (!readPage.data) readPage.data = JSON.parse(document.getElementById("planner-data").textContent);
  return readPage.data;
}
